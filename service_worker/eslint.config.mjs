// What JavaScript may and may not do here. Run from the repository's root: `floorwalk check`.

import js from "@eslint/js"
import globals from "globals"

// The tablet's clock is only an estimate: `now` is an argument, read at the few edges that test_shape.py names.
const noEval = {
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
}

export default [
  { ignores: ["**/node_modules/**", "**/generated/**", ".venv/**"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      ...noEval,
      "no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_\\w", caughtErrors: "none" },
      ],
      "prefer-const": "error",
      "no-var": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      curly: ["error", "multi-line"],
      "object-shorthand": "error",
      "no-console": "error",
    },
  },
  {
    files: ["service_worker/**/*.js"],
    languageOptions: { globals: globals.serviceworker },
  },
  {
    files: ["web/**/*.js"],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: globals.node },
    rules: { "no-console": "off" },
  },
  {
    files: ["tests/**/*.js"],
    languageOptions: { globals: { ...globals.browser, ...globals.serviceworker } },
    rules: { "no-console": "off" },
  },
]
