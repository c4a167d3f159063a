// Every page, by its path.

import { NewTicketPage } from "./new_ticket/page.js";
import { TicketsPage } from "./tickets/page.js";

/** @type {{ path: string, title: string, component: (values: any) => any }[]} */
export const pages = [
  { path: "/", title: "nav.tickets", component: TicketsPage },
  { path: "/tickets", title: "nav.tickets", component: TicketsPage },
  { path: "/new", title: "nav.new", component: NewTicketPage },
];
