// graphql-yoga on Node's HTTP server, operations compiled by graphql-jit.
import { createServer } from 'node:http'
import { useGraphQlJit } from '@envelop/graphql-jit'
import { createSchema, createYoga } from 'graphql-yoga'
import { context, resolvers, typeDefs } from './model.js'

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context,
  plugins: [useGraphQlJit()],
  graphiql: false,
  logging: 'error'
})
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1')
