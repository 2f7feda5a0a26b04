import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: ['documents/**/*.ts'],
  generates: {
    'generated/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        scalars: {
          ID: 'string',
          DateTime: 'string',
          LocalDateTime: 'string',
          JSON: 'unknown',
          Upload: 'File',
        },
        strictScalars: true,
        useTypeImports: true,
      },
    },
    'generated/possibleTypes.ts': { plugins: ['fragment-matcher'] },
    'generated/shapes.ts': { plugins: ['./shapes.cjs'] },
    'generated/introspection.json': { plugins: ['introspection'], config: { minify: true } },
  },
};

export default config;
