const { readFileSync } = require('node:fs');
const { Kind, parse } = require('graphql');

/** A plugin of GraphQL Code Generator: a typed constant for each document of the manifest, with its id alone. */
exports.plugin = () => {
  const manifest = JSON.parse(readFileSync('documents.json', 'utf8'));
  const constants = Object.entries(manifest).map(([hash, text]) => {
    const { definitions } = parse(text);
    const { name } = definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    const types = `${name.value}Query, ${name.value}QueryVariables`;
    return `export const ${name.value}: TrustedDocument<${types}> = { id: 'sha256:${hash}' };`;
  });
  return {
    prepend: ["import type { TrustedDocument } from '../src/gateway.js';"],
    content: constants.sort().join('\n'),
  };
};
