import { readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';

const manifest: Record<string, string> = JSON.parse(readFileSync('documents.json', 'utf8'));

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: Object.values(manifest),
  generates: {
    'generated/documents.ts': {
      plugins: ['typescript-operations', './trusted.cjs'],
      config: {
        scalars: {
          ID: 'string',
          DateTime: 'string',
          LocalDateTime: 'string',
          JSON: 'unknown',
          Upload: 'never',
        },
        strictScalars: true,
        useTypeImports: true,
      },
    },
  },
};

export default config;
