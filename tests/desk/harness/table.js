// Many tickets at once, written to the table of the stack as it writes them.

/** @typedef {import("./stack.js").Stack} Stack */

/** How many items one call takes. */
const BATCH = 25;

/**
 * @param {Stack} stack
 * @param {string} operation
 * @param {unknown} body
 */
async function dynamodb(stack, operation, body) {
  const { AWS_ENDPOINT_URL_DYNAMODB: url, AWS_ACCESS_KEY_ID: key } = stack.environment;
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      // The endpoint asks for the access key, not for a signature.
      authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/dynamodb/aws4_request, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Crockford's letters, of which an id of 26 is made. */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** @param {number} ms Unix milliseconds @param {number} index @returns {string} a ULID of that time */
function ulid(ms, index) {
  let time = "";
  for (let rest = ms, place = 0; place < 10; place++, rest = Math.floor(rest / 32)) time = LETTERS[rest % 32] + time;
  let tail = "";
  for (let rest = index, place = 0; place < 16; place++, rest = Math.floor(rest / 32)) tail = LETTERS[rest % 32] + tail;
  return time + tail;
}

/**
 * Copies a ticket: the copies are older, each by a minute more, and have a number in their names.
 * @param {Stack} stack
 * @param {any} ticket as the API shows it
 * @param {number} count
 */
export async function copyTicket(stack, ticket, count) {
  const { TABLE_NAME: table } = stack.environment;
  const key = { PK: { S: `TICKET#${ticket.id}` }, SK: { S: "TICKET" } };
  const { Item: item } = await dynamodb(stack, "GetItem", { TableName: table, Key: key });
  const text = JSON.stringify(item);
  const copies = Array.from({ length: count }, (_, index) => {
    const ms = ticket.create_time - (index + 1) * 60_000;
    const copy = text
      .replaceAll(ticket.id, ulid(ms, index))
      .replaceAll(String(ticket.create_time), String(ms))
      .replaceAll(ticket.cloud_id, `C${String(index).padStart(8, "0")}`)
      .replaceAll(ticket.name, `${ticket.name} ${index}`);
    return { PutRequest: { Item: JSON.parse(copy) } };
  });
  const batches = [];
  for (let at = 0; at < count; at += BATCH) batches.push(copies.slice(at, at + BATCH));
  const write = async () => {
    for (let batch = batches.pop(); batch; batch = batches.pop()) {
      const answer = await dynamodb(stack, "BatchWriteItem", { RequestItems: { [table]: batch } });
      const left = Object.values(answer.UnprocessedItems ?? {}).flat();
      if (left.length > 0) batches.push(left);
    }
  };
  await Promise.all([write(), write(), write(), write()]);
}
