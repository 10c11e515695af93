import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const nodeGlobals = Object.fromEntries(
    ['process', 'console', 'Buffer', 'URL', 'require', 'module', 'exports', '__dirname'].map(
        (name) => [name, 'readonly'],
    ),
);

export default defineConfig(
    globalIgnores(['**/dist/', '**/coverage/', '**/.generated/', '**/fixtures/', '**/templates/']),
    js.configs.recommended,
    { files: ['**/*.{js,cjs,mjs}'], languageOptions: { globals: nodeGlobals } },
    {
        files: ['**/*.ts'],
        extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
        languageOptions: { parserOptions: { projectService: true } },
        rules: {
            '@typescript-eslint/consistent-type-imports': 'off',
            '@typescript-eslint/restrict-template-expressions': [
                'error',
                { allowNumber: true, allowBoolean: true },
            ],
        },
    },
    {
        files: ['**/*.test.ts', '**/bench/**/*.ts'],
        rules: {
            '@typescript-eslint/no-unused-expressions': 'off',
            '@typescript-eslint/no-non-null-assertion': 'off',
        },
    },
    prettier,
);
