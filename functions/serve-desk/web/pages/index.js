// Every page, by its path.

import { NumbersPage } from "./numbers/page.js";
import { TicketPage } from "./ticket/page.js";
import { NewTicketPage } from "./new_ticket/page.js";
import { TicketsPage } from "./tickets/page.js";

/** @type {{ path: string, title: string, component: (values: any) => any }[]} */
export const pages = [
  { path: "/", title: "nav.tickets", component: TicketsPage },
  { path: "/tickets", title: "nav.tickets", component: TicketsPage },
  { path: "/numbers", title: "nav.numbers", component: NumbersPage },
  { path: "/tickets/{id}", title: "nav.tickets", component: TicketPage },
  { path: "/new", title: "nav.new", component: NewTicketPage },
];
