/* What GraphiQL keeps between visits: tabs, history, theme. Its history would keep the request headers too, which may
   hold credentials, so each entry is stored with the default headers in their place. */

const HISTORY = ['graphiql:queries', 'graphiql:favorites'];

export const storage = (defaultHeaders) => ({
  getItem: (key) => localStorage.getItem(key),
  setItem(key, value) {
    const plain = (name, held) => (name === 'headers' ? defaultHeaders : held);
    localStorage.setItem(key, HISTORY.includes(key) ? JSON.stringify(JSON.parse(value, plain)) : value);
  },
  removeItem: (key) => localStorage.removeItem(key),
  clear: () => localStorage.clear(),
  get length() {
    return localStorage.length;
  },
});
