/* The GraphiQL page. Its settings travel in data attributes of the mount point, so the page needs no inline script. */
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import { storage } from './storage.js';
import './workers.js';

const mount = document.getElementById('graphiql');
const { endpoint, query: defaultQuery, headers: defaultHeaders } = mount.dataset;
const link = new URLSearchParams(window.location.search);

createRoot(mount).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url: endpoint })}
    defaultQuery={defaultQuery}
    defaultHeaders={defaultHeaders}
    // A link such as /graphql?query=... opens its operation in a tab and does not run it.
    initialQuery={link.get('query') ?? undefined}
    initialVariables={link.get('variables') ?? undefined}
    storage={storage(defaultHeaders)}
    defaultEditorToolsVisibility="headers"
  />,
);
