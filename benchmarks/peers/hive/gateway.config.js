// Equal calls of one operation are made once; nothing that the gateway offers besides is switched on.
import { defineConfig } from '@graphql-hive/gateway'
import { useDeduplicateRequest } from '@graphql-hive/plugin-deduplicate-request'

export const gatewayConfig = defineConfig({
  plugins: (context) => [useDeduplicateRequest(context)],
  jit: true,
  logging: 'error'
})
