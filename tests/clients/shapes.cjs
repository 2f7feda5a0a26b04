const { getNullableType, isObjectType } = require('graphql');

const PAGE = ['first', 'after', 'last', 'before'];

/**
 * A plugin of GraphQL Code Generator, for caches: which objects have no id and so no entry of their
 * own, and which fields are connections, with the arguments that name a list, not a page of it.
 */
exports.plugin = (schema) => {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__'),
  );
  const embedded = types
    .filter((type) => !type.getFields().id && !roots.includes(type))
    .map(({ name }) => name);
  const connections = {};
  for (const type of types) {
    for (const field of Object.values(type.getFields())) {
      if (!getNullableType(field.type).name?.endsWith('Connection')) continue;
      const others = field.args.map(({ name }) => name).filter((name) => !PAGE.includes(name));
      (connections[type.name] ??= {})[field.name] = others;
    }
  }
  return [
    `export const embedded = ${JSON.stringify(embedded.sort())};`,
    `export const connections: Record<string, Record<string, string[]>> = ${JSON.stringify(connections)};`,
  ].join('\n');
};
