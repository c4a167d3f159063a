// Every page, by its path. A page's code is read when the page is shown first.

/** @typedef {(values: any) => any} PageComponent */
/** @typedef {{ path: string, title: string, load: () => Promise<PageComponent> }} PageEntry */

/** @type {PageEntry[]} */
export const pages = [
  { path: "/tickets", title: "nav.tickets", load: async () => (await import("./tickets/page.js")).TicketsPage },
  { path: "/tickets/{id}", title: "nav.tickets", load: async () => (await import("./ticket/page.js")).TicketPage },
  { path: "/new", title: "nav.new", load: async () => (await import("./new_ticket/page.js")).NewTicketPage },
  { path: "/numbers", title: "nav.numbers", load: async () => (await import("./numbers/page.js")).NumbersPage },
  { path: "/accounts", title: "nav.accounts", load: async () => (await import("./accounts/list.js")).AccountsPage },
  { path: "/accounts/{id}", title: "nav.accounts", load: async () => (await import("./accounts/detail.js")).AccountPage },
  { path: "/catalog", title: "nav.catalog", load: async () => (await import("./catalog/page.js")).CatalogPage },
  { path: "/audit", title: "nav.audit", load: async () => (await import("./audit/page.js")).AuditPage },
];
