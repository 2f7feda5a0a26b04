import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { makeClient } from '../apollo/client';
import { Events } from './Events';

const endpoint = new URLSearchParams(location.search).get('endpoint')!;
const client = makeClient(endpoint, { 'x-contactgraph-trace': '1', 'x-app-version': '2.1.0' });

createRoot(document.getElementById('root')!).render(
  <ApolloProvider client={client}>
    <Events />
  </ApolloProvider>,
);
