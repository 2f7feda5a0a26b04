// What a hand-written Node gateway over the same upstream looks like: schema, resolvers, dataloaders, one HTTP pool.
//
// It makes the fewest upstream calls that the API allows: contacts one by one, each once a request; locations from
// their list; segments from the contact. Cursors are plain text, as graphql-relay's are: time and id of the event.
import DataLoader from 'dataloader'
import { Pool } from 'undici'

const { UPSTREAM, UPSTREAM_TOKEN, UPSTREAM_CONNECTIONS, ORGANIZATION } = process.env

export const typeDefs = /* GraphQL */ `
  scalar DateTime
  scalar LocalDateTime
  enum Source { CLOUD4WI }
  enum EventType {
    SIGNUP LOGIN ARRIVING VISIT GEO_ARRIVING GEO_VISIT PROMO SURVEY
    SEND_EMAIL OPEN_EMAIL CLICK_EMAIL SEND_SMS CLICK_SMS OTHER
  }
  type Query {
    events(first: Int = 20, after: String, filter: EventFilter): EventConnection
    contact(id: ID!): Contact
  }
  input EventFilter { to: DateTime }
  type EventConnection { edges: [EventEdge!]! pageInfo: PageInfo! }
  type EventEdge { cursor: String! node: Event! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Event {
    id: ID!
    source: Source!
    sourceId: String!
    type: EventType!
    rawType: String!
    occurredAt: DateTime!
    localTime: LocalDateTime
    timezone: String
    contact: Contact
    location: Location
  }
  type Contact {
    id: ID!
    source: Source!
    sourceId: String!
    displayName: String!
    firstName: String
    lastName: String
    email: String
    phone: String
    country: String
    language: String
    createdAt: DateTime!
    updatedAt: DateTime
    segments: [Segment!]
    metrics: ContactMetrics
    cloud4wi: Cloud4WiContact
  }
  type Cloud4WiContact { username: String gender: String zipCode: String }
  type ContactMetrics { totalVisits: Int }
  type Segment { id: ID! name: String! }
  type Location { id: ID! name: String! timezone: String }
`

const pool = new Pool(UPSTREAM, { connections: Number(UPSTREAM_CONNECTIONS), pipelining: 1 })
const headers = { authorization: `Bearer ${UPSTREAM_TOKEN}`, accept: 'application/json' }

async function get(path) {
  const { statusCode, body } = await pool.request({ path, method: 'GET', headers })
  if (statusCode === 404) {
    await body.dump()
    return null
  }
  if (statusCode !== 200) throw new Error(`the upstream answered ${statusCode}`)
  return body.json()
}

const globalId = (type, id) => Buffer.from(`${type}:${id}`).toString('base64url')
const sourceIdOf = (type, id) => {
  const text = Buffer.from(id, 'base64url').toString()
  if (!text.startsWith(`${type}:`)) throw new Error('not an id of this type')
  return text.slice(type.length + 1)
}

async function contactsById(ids) {
  return Promise.all(
    ids.map(async (id) => (await get(`/v2/customers/${encodeURIComponent(id)}`))?.customers[0] ?? null)
  )
}

async function locationsById(ids) {
  const { locations } = await get(`/v1/organizations/${ORGANIZATION}/locations`)
  const known = new Map(locations.map((location) => [location.id, location]))
  return ids.map((id) => known.get(id) ?? null)
}

export function context() {
  return { contacts: new DataLoader(contactsById), locations: new DataLoader(locationsById) }
}

const cursorOf = (event) => Buffer.from(`${event.when.createdAt}|${event.event.id}`).toString('base64url')

async function events(_, { first, after, filter }) {
  const [time, id] = after ? Buffer.from(after, 'base64url').toString().split('|') : []
  const end = time ?? (filter?.to ? secondBefore(filter.to) : undefined)
  // One row more tells whether there is a next page; after a cursor, its own row comes first again.
  const query = new URLSearchParams({ sortBy: 'utcTime', sortReverse: 'true', size: first + (after ? 2 : 1) })
  if (end) query.set('dateEnd', end)
  const answer = await get(`/v1/organizations/${ORGANIZATION}/events?${query}`)
  let rows = answer.events
  if (after) rows = rows.slice(rows.findIndex((row) => row.event.id === id) + 1)
  const page = rows.slice(0, first)
  return {
    edges: page.map((node) => ({ cursor: cursorOf(node), node })),
    pageInfo: { hasNextPage: rows.length > first, endCursor: page.length ? cursorOf(page[page.length - 1]) : null }
  }
}

const secondBefore = (time) => new Date(Date.parse(time) - 1000).toISOString().slice(0, 19) + 'Z'

export const resolvers = {
  Query: {
    events,
    contact: (_, { id }, { contacts }) => contacts.load(sourceIdOf('Contact', id))
  },
  Event: {
    id: (event) => globalId('Event', event.event.id),
    source: () => 'CLOUD4WI',
    sourceId: (event) => event.event.id,
    type: (event) => event.event.type.toUpperCase(),
    rawType: (event) => event.event.type,
    occurredAt: (event) => event.when.createdAt,
    localTime: (event) => event.when.createdAtLocal?.slice(0, 19) ?? null,
    timezone: (event) => event.when.timezone,
    contact: (event, _, { contacts }) => (event.customerId ? contacts.load(event.customerId) : null),
    location: (event, _, { locations }) => (event.where?.locationId ? locations.load(event.where.locationId) : null)
  },
  Contact: {
    id: (contact) => globalId('Contact', contact.cid),
    source: () => 'CLOUD4WI',
    sourceId: (contact) => contact.cid,
    displayName: (contact) => [contact.firstName, contact.lastName].filter(Boolean).join(' ') || contact.cid,
    country: (contact) => contact.country?.toUpperCase() ?? null,
    createdAt: (contact) => contact.created,
    updatedAt: (contact) => contact.modified,
    cloud4wi: (contact) => contact
  },
  ContactMetrics: { totalVisits: (metrics) => metrics.countTotalVisits },
  Segment: { id: (segment) => globalId('Segment', segment.cid) },
  Location: { id: (location) => globalId('Location', location.id) }
}
