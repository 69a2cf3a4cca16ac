// Styles in layers, logical properties, one component a file.

export default {
  extends: ["stylelint-config-standard"],
  rules: {
    // Several words for one thing, or taste that prettier already settles.
    "selector-class-pattern": null,
    "custom-property-pattern": null,
    "keyframes-name-pattern": null,
    "import-notation": null,
    "color-hex-length": null,
    "property-no-vendor-prefix": null,
    "value-keyword-case": ["lower", { camelCaseSvgKeywords: true }],
    "comment-empty-line-before": null,
    "custom-property-empty-line-before": null,
    "declaration-empty-line-before": null,
    "rule-empty-line-before": null,
    "at-rule-empty-line-before": null,
    "no-descending-specificity": null,
    "media-feature-range-notation": "context",
    "declaration-block-no-redundant-longhand-properties": null,
    "property-disallowed-list": [
      ["margin-left", "margin-right", "padding-left", "padding-right", "float"],
      { message: "Use the logical property, so that every script direction works." },
    ],
  },
}
