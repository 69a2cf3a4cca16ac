"""The template compiler: the Jinja2 environment, the allowed subset, and its code generator."""
