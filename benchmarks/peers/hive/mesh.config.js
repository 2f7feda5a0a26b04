// The upstream's OpenAPI document as a subgraph, with the links between its records.
import { defineConfig } from '@graphql-mesh/compose-cli'
import { loadOpenAPISubgraph } from '@omnigraph/openapi'

const link = (field, type, id) => `${field}: ${type} @resolveTo(
  sourceName: "upstream"
  sourceTypeName: "Query"
  sourceFieldName: "${field}"
  requiredSelectionSet: "{ ${id.replace('.', ' { ')}${id.includes('.') ? ' }' : ''} }"
  sourceArgs: { id: "{root.${id}}" }
)`

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph('upstream', {
        source: './openapi.json',
        endpoint: process.env.UPSTREAM,
        operationHeaders: { authorization: `Bearer ${process.env.UPSTREAM_TOKEN}` }
      })
    }
  ],
  additionalTypeDefs: `
    extend type Event {
      ${link('contact', 'Contacts', 'customerId')}
      ${link('location', 'OneLocation', 'where.locationId')}
    }
  `
})
