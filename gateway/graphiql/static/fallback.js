/* Draws GraphiQL from the CDN's scripts, which ran before this one, or says that they did not come. */
(() => {
  const mount = document.getElementById('graphiql');
  const { endpoint, query, headers, style, styleIntegrity } = mount.dataset;
  const { React, ReactDOM, GraphiQL } = window;

  const giveUp = () => {
    document.getElementById('note').textContent =
      `GraphiQL could not be loaded: ${new URL(style).host} did not answer, or not with the pinned files.`;
  };

  if (!React || !ReactDOM || !GraphiQL) {
    giveUp();
    return;
  }
  const sheet = document.createElement('link');
  Object.assign(sheet, { rel: 'stylesheet', href: style, integrity: styleIntegrity, crossOrigin: 'anonymous' });
  sheet.onerror = giveUp;
  sheet.onload = () => {
    // The history is stored without request headers, which may hold credentials; the same as in ui/src/storage.js.
    const history = ['graphiql:queries', 'graphiql:favorites'];
    const plain = (name, held) => (name === 'headers' ? headers : held);
    const storage = {
      getItem: (key) => localStorage.getItem(key),
      setItem: (key, value) =>
        localStorage.setItem(key, history.includes(key) ? JSON.stringify(JSON.parse(value, plain)) : value),
      removeItem: (key) => localStorage.removeItem(key),
      clear: () => localStorage.clear(),
      get length() {
        return localStorage.length;
      },
    };
    const props = {
      fetcher: GraphiQL.createFetcher({ url: endpoint }),
      defaultQuery: query,
      defaultHeaders: headers,
      storage,
      defaultEditorToolsVisibility: 'headers',
    };
    ReactDOM.createRoot(mount).render(React.createElement(GraphiQL, props));
  };
  document.head.append(sheet);
})();
