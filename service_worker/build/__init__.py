"""The build: compiles templates, bundles scripts and styles, writes what a tablet loads.

Its input is web/, the declarations of sync/ and the worker's modules; its output is generated/.
"""
