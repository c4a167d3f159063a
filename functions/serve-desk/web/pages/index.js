// Every page, by its path.

import { NumbersPage } from "./numbers/page.js";
import { TicketPage } from "./ticket/page.js";
import { NewTicketPage } from "./new_ticket/page.js";
import { AccountPage } from "./accounts/detail.js";
import { AccountsPage } from "./accounts/list.js";
import { AuditPage } from "./audit/page.js";
import { CatalogPage } from "./catalog/page.js";
import { TicketsPage } from "./tickets/page.js";

/** @type {{ path: string, title: string, component: (values: any) => any }[]} */
export const pages = [
  { path: "/", title: "nav.tickets", component: TicketsPage },
  { path: "/tickets", title: "nav.tickets", component: TicketsPage },
  { path: "/numbers", title: "nav.numbers", component: NumbersPage },
  { path: "/tickets/{id}", title: "nav.tickets", component: TicketPage },
  { path: "/new", title: "nav.new", component: NewTicketPage },
  { path: "/accounts", title: "nav.accounts", component: AccountsPage },
  { path: "/accounts/{id}", title: "nav.accounts", component: AccountPage },
  { path: "/catalog", title: "nav.catalog", component: CatalogPage },
  { path: "/audit", title: "nav.audit", component: AuditPage },
];
