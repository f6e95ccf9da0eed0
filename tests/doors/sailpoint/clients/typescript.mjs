// What the vendor's own npm package sailpoint-api-client does with an instance.
// It reads the environment variables of the package and prints one line of JSON.
import { createRequire } from "node:module";

const require = createRequire(`${process.env.CLIENTS}/`);
const { Configuration, PersonalAccessTokensApi, SourcesApi, PublicIdentitiesApi } = require(
  "sailpoint-api-client",
);

function configured(clientId, clientSecret) {
  const baseurl = process.env.SAIL_BASE_URL;
  return new Configuration({ baseurl, clientId, clientSecret, tokenUrl: `${baseurl}/oauth/token` });
}

async function statusOf(call) {
  try {
    return (await call()).status;
  } catch (error) {
    return error.response?.status ?? `${error}`;
  }
}

const own = configured(process.env.SAIL_CLIENT_ID, process.env.SAIL_CLIENT_SECRET);
const tokens = new PersonalAccessTokensApi(own);
const before = (await tokens.listPersonalAccessTokens({ ownerId: "me" })).data.length;
const expirationDate = new Date(Date.now() + 7 * 24 * 3600 * 1000).toISOString();
const made = (
  await tokens.createPersonalAccessToken({
    createPersonalAccessTokenRequestV3: {
      name: "NodeJS",
      scope: ["idn:sources:read"],
      expirationDate,
    },
    createPersonalAccessTokenRequest: {
      name: "NodeJS",
      scope: ["idn:sources:read"],
      expirationDate,
    },
  })
).data;
const other = configured(made.id, made.secret);
const sources = new SourcesApi(other);
const listed = (await sources.listSources({ filters: 'name sw "Serv"', count: true })).data;
const schemas = (await new SourcesApi(own).getSourceSchemas({ sourceId: listed[0].id })).data;
const patch = [{ op: "replace", path: "/name", value: "Renamed" }];
const renamed = (
  await tokens.patchPersonalAccessToken({
    id: made.id,
    jsonPatchOperationV3: patch,
    jsonPatchOperation: patch,
  })
).data.name;
const people = (await new PublicIdentitiesApi(own).getPublicIdentities({})).data;
const deleted = await statusOf(() => tokens.deletePersonalAccessToken({ id: made.id }));
const refused = await statusOf(() => sources.listSources());
console.log(
  JSON.stringify({
    before,
    secretLength: made.secret.length,
    sources: listed.map((source) => source.name),
    columns: schemas[0].attributes.map((attribute) => attribute.name),
    renamed,
    people: people.map((person) => person.alias),
    deleted,
    refused,
  }),
);
