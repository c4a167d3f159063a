// What the generated types accept and refuse. It is compiled only.
import createClient from "openapi-fetch";
import type { components, paths } from "./polydesk.js";

type Schemas = components["schemas"];
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const check = <_ extends true>() => undefined;

check<Equal<Schemas["Vendor"], "ALIBABA" | "HUAWEI" | "TENCENT">>();
check<Equal<Schemas["Ticket"]["state"], Schemas["TicketState"]>>();
check<Equal<Schemas["Ticket"]["status"], 0 | 1>>();
check<Equal<Schemas["Problem"]["code"], Schemas["ProblemCode"]>>();
check<Equal<Schemas["NewTencentAccount"]["type"], "TENCENT">>();

const client = createClient<paths>({ baseUrl: "http://127.0.0.1" });

export async function createTicket(body: Schemas["NewTicket"]): Promise<Schemas["Ticket"]> {
  const { data, error } = await client.POST("/tickets", {
    params: { header: { "Idempotency-Key": "0b0c9f4e-6a36-4e1e-9a57-2f0b1d6f7c1d" } },
    body,
  });
  if (error) {
    check<Equal<typeof error, Schemas["Problem"] | Schemas["GatewayMessage"]>>();
    throw new Error("code" in error ? error.code : (error.message ?? ""));
  }
  return data;
}

export async function refused(): Promise<void> {
  // @ts-expect-error The key is required.
  await client.POST("/tickets", { body: {} as Schemas["NewTicket"] });
  // @ts-expect-error There is no such state.
  await client.GET("/tickets", { params: { query: { state: "opened" } } });
  // @ts-expect-error There is no such route.
  await client.GET("/ticket");
  // @ts-expect-error A resolution names a ticket or its absence.
  await client.POST("/tickets/{id}/resolution", { params: { path: { id: "1" } }, body: {} });
}
