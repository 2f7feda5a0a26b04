// mercurius on fastify, operations compiled by graphql-jit after their first run.
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { context, resolvers, typeDefs } from './model.js'

const app = Fastify()
app.register(mercurius, { schema: typeDefs, resolvers, context, jit: 1 })
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
