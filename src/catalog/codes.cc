#include "catalog/codes.h"

#include <algorithm>

namespace weir::catalog {
namespace {

// Ascending by code, errors before warnings. Hundreds: 1 files, 2 the form of what is written, 3
// collections and schemas, 4 materializations and bindings, 5 triggers, 6 templates; warnings count
// on their own.
constexpr CodeInfo kCodes[] = {
    {"E101", "not well-formed",
     "The file is neither valid YAML nor valid JSON, or not UTF-8. Nothing in it could be read, so "
     "problems further "
     "down the file are not known yet. Files named *.json are read as strict JSON, all others as "
     "YAML.",
     "Mend the text at this place; often it is an indentation, a missing quote or a tab above it."},
    {"E102", "no such file",
     "A FLOW file, an import, a schema or a config names a file that does not exist. Paths in a "
     "catalog are relative "
     "to the file that says them, not to the folder in which weir was started.",
     "Correct the path, or create the file."},
    {"E103", "file cannot be read",
     "The file exists but cannot be taken in: permissions, a folder in its place, more than 16 "
     "MiB, or a catalog of "
     "more than 1024 files.",
     "Make the file readable, or split the catalog."},
    {"E104", "defined twice",
     "Two files that belong together by import define a collection or materialization of the same "
     "name. Files given "
     "side by side on the command line may do so: they are laid over each other.",
     "Rename one of them, or give the second file on the command line instead of importing it."},
    {"E105", "remote file",
     "An import or a schema reference names something on the network. weir reads catalogs from "
     "disk only, so that a "
     "build does not change behind your back.",
     "Save a copy beside the catalog and name that."},
    {"E201", "unknown member",
     "The catalog model does not know a member of this name at this place. Unknown members are "
     "refused, because a "
     "misspelt option that is silently ignored would be worse.",
     "Correct the name or remove the member."},
    {"E202", "member missing", "A member that has no default is not there.", "Add it."},
    {"E203", "wrong type",
     "The value has another JSON type than the model asks for. In YAML, quotes make a text of a "
     "number, and a missing "
     "dash makes an object of a list.",
     "Write a value of the type that the message names."},
    {"E204", "value not allowed",
     "The value has the right type but is out of range, or none of the words that are allowed at "
     "this place.",
     "Write a value within the range that the message names."},
    {"E205", "name not allowed",
     "Names of collections and materializations are paths of letters, digits and -_+. with single "
     "slashes between "
     "them, at most 512 bytes long. They become folders and labels, which other characters would "
     "break.",
     "Choose a name such as acmeCo/orders."},
    {"E206", "not a duration",
     "Durations are a whole number and a unit, several of them if needed: 30s, 500ms, 1h 30m. The "
     "longest is ten "
     "years.",
     "Write a duration such as 30s, 5m or 1h."},
    {"E207", "not a time", "Times are RFC 3339 with an offset: 2026-11-22T17:03:04Z.",
     "Write the time like 2026-11-22T17:03:04Z."},
    {"E208", "not in this build",
     "The member is part of the model, but this build cannot do what it asks. It is refused rather "
     "than ignored, "
     "because the catalog would not do what it says.",
     "Remove it, or run it with a build that has it."},
    {"E209", "not in the published model",
     "weir validate --published holds a catalog to the model that Estuary publishes, so that the "
     "file can be published there as it is. What it names is weir's own: a member, an endpoint, a "
     "reference ${…}, or a variable or helper of a template.",
     "Move it to a file of your own and lay that over this one: weir run flow.yaml weir.yaml."},
    {"E210", "no pattern of file names",
     "Each item of files: is the path of files, relative to the file that says it. * stands for "
     "any "
     "characters of a "
     "name, ? for one, [a-z] for one of a set, and ** for any number of folders; \\ takes their "
     "meaning from them.",
     "Write a pattern such as data/*.jsonl."},
    {"E301", "bad schema",
     "The JSON schema does not compile: a keyword has a value that its meaning does not allow, or "
     "a pattern is no "
     "regular expression.",
     "Mend the schema at the location that the message names."},
    {"E302", "reference leads nowhere",
     "A $ref names a file, a location or an anchor that does not exist. References are relative to "
     "the file that says "
     "them; in an inline schema \"#/…\" is relative to that schema.",
     "Correct the reference, or define what it names."},
    {"E303", "not a schema of objects",
     "Documents of a collection are JSON objects, so the schema must admit objects and nothing "
     "else.",
     "Add \"type: object\" to the schema."},
    {"E304", "no key", "A collection needs a key: documents of equal key are reduced into one row.",
     "Add \"key\" with the JSON pointers of one or more required, scalar locations."},
    {"E305", "not a JSON pointer",
     "Locations are JSON pointers: a slash before each token, ~1 for a slash and ~0 for a tilde "
     "inside one.",
     "Write the location like /customer/id."},
    {"E306", "key location is not in the schema",
     "The schema does not describe this location, or rules it out, so it cannot be known to hold a "
     "key.",
     "Add the property to the schema and list it in \"required\", or correct the pointer."},
    {"E307", "key may be absent",
     "A key location must exist in every document, or have a default in the schema. Each object "
     "above it must be "
     "required and never null, too.",
     "Add it to \"required\" of the objects above it, or give it a \"default\"."},
    {"E308", "key may be null", "Rows cannot be found by a key that may be null.",
     "Take \"null\" out of the types of this location, or choose another key."},
    {"E309", "key of this type",
     "Keys are texts, whole numbers and booleans. Numbers with a fraction do not compare reliably, "
     "and objects and "
     "arrays have no order of their own.",
     "Give the location type string, integer or boolean, or choose another key."},
    {"E310", "projection cannot exist",
     "The schema rules out every document that has a value at this location.",
     "Correct the location of the projection."},
    {"E311", "bad reduction",
     "A \"reduce\" annotation names no strategy that exists, or options that the strategy does not "
     "have.",
     "Write a strategy such as lastWriteWins, sum, merge, minimize, maximize, append or set."},
    {"E313", "key stated twice", "The same location stands in the key more than once.",
     "Remove the second one."},
    {"E314", "projection hides a field",
     "Each location of the schema has a field of its own name, the pointer without its first "
     "slash. A projection of "
     "that name but of another location would change what the field means.",
     "Choose another name for the projection."},
    {"E401", "no endpoint", "A materialization names exactly one endpoint.",
     "Write one of: endpoint: {sqlite: {path: …}}, postgres, local or connector."},
    {"E402", "endpoint not in this build",
     "The endpoint is known and its settings were read, but this build cannot run it. sqlite is "
     "built in. The other materializations of the catalog are not touched by this: weir run --name "
     "runs some of them alone. One that is disabled (shards: {disable: true}) or deleted may have "
     "any endpoint.",
     "Use endpoint: {sqlite: {path: …}}, in this file or in one that is laid over it."},
    {"E403", "unknown collection", "A binding's source is no collection of this catalog.",
     "Correct the name, define the collection, or import the file that does."},
    {"E404", "table bound twice",
     "Two bindings, of one materialization or of two with the same database, write to the same "
     "table. SQLite does not tell upper from lower "
     "case in names, so "
     "Orders and orders are one table.",
     "Give each binding a table of its own."},
    {"E405", "table name not allowed",
     "The destination cannot have a table of this name. SQLite keeps names that begin with sqlite_ "
     "for itself.",
     "Choose another table name."},
    {"E406", "unknown field",
     "The collection has no field of this name. Fields are the schema's locations without their "
     "first slash, and the "
     "collection's projections.",
     "Correct the name, or add a projection to the collection."},
    {"E407", "fields in conflict",
     "A field is needed and ruled out at the same time: by the key, by the binding's \"fields\", "
     "or by what the "
     "destination can do.",
     "Follow the message: require another field of that location, or take the field out of "
     "\"exclude\" or "
     "\"require\"."},
    {"E408", "destination refuses",
     "The destination was asked what it can do with the bindings and answered with an error.",
     "Follow the destination's message."},
    {"E409", "range is empty", "The lower end of a range lies above its upper end.",
     "Exchange or correct the two values."},
    {"E410", "too many triggers for the bindings",
     "Triggers times bindings of one materialization is limited to 4096, for what they owe rides "
     "in every checkpoint.",
     "Spread the bindings over several materializations, or remove triggers."},
    {"E411", "not a partition",
     "Partition selectors name fields that the collection is partitioned by.",
     "Name a projection of the collection that says \"partition: true\"."},
    {"E412", "destination cannot be asked",
     "The destination gave no answer when it was asked what it can do with the bindings: it is "
     "locked, out of reach, or its disk is full. weir run waits for it, while other "
     "materializations go on; with --until-caught-up it ends with exit code 1.",
     "Follow the message, and try again."},
    {"E501", "bad URL",
     "The URL of a trigger must be absolute: http or https, a host, perhaps a port. User names and "
     "passwords in it "
     "are refused; they belong in a header.",
     "Write the URL like https://ci.example.com/hook."},
    {"E502", "URL origin is not literal",
     "Scheme, host and port of a URL decide who receives what the trigger sends. They must not "
     "depend on data, so a "
     "template may stand in path and query only.",
     "Move {{…}} behind the first single slash of the URL."},
    {"E503", "bad header name",
     "Header names are letters, digits and !#$%&'*+-.^_`|~, without spaces or colons.",
     "Correct the header's name."},
    {"E504", "header cannot be set",
     "Host, Content-Length, Transfer-Encoding, Connection, Idempotency-Key, webhook-* and weir-* "
     "are written by weir "
     "itself: receivers rely on them.",
     "Remove the header, or choose another name."},
    {"E505", "line break in a value",
     "Carriage return, line feed and NUL would end the header and begin another one.",
     "Write the value on one line; in YAML use > or | with a minus, or quotes."},
    {"E506", "bad reference",
     "${env:NAME} stands for an environment variable and ${file:PATH} for the text of a file; they "
     "are filled in when "
     "a request is sent. A text that is no reference is written $${.",
     "Write ${env:NAME}, ${file:PATH}, or $${ for the characters themselves."},
    {"E507", "timeout is zero",
     "Each attempt needs some time. A timeout of zero would fail every one.",
     "Write a timeout above zero, such as 30s."},
    {"E508", "trigger name not allowed",
     "A trigger's name is its identity in commands, records and request ids: letters, digits and "
     "-_. of at most 64 "
     "bytes, beginning with a letter or digit.",
     "Choose a name such as ci or dbt-nightly."},
    {"E509", "trigger name used twice", "Two triggers of one materialization have the same name.",
     "Rename one of them. A renamed trigger starts afresh; what the old name owes stays visible as "
     "orphaned."},
    {"E510", "delivery and onExhausted in conflict",
     "failTask stops the tables until the receiver answers; that only makes sense where the tables "
     "wait for it, which "
     "is inline delivery.",
     "Write onExhausted: park or discard, or delivery: inline."},
    {"E511", "interval without merging",
     "An interval makes one request of several transactions; mergePending: false asks for one "
     "request per "
     "transaction.",
     "Remove interval, or mergePending: false."},
    {"E512", "sealed where it cannot be",
     "Encrypted triggers hold a member sops, and the names of encrypted headers and secrets end in "
     "_sops. A name with that ending means nothing in a block without sops, and URLs and commands "
     "are not encrypted.",
     "Remove the ending, or encrypt the block with weir secrets encrypt."},
    {"E513", "encrypted block changed from outside",
     "The triggers of a block that weir secrets encrypt has encrypted are covered by a code: their "
     "URLs, methods, headers and secrets, their number and their order. A file that is laid over "
     "it "
     "may set the other members of a trigger, such as delivery or payloadTemplate.",
     "Change it in the file that holds the block, with weir secrets edit."},
    {"E601", "template does not parse", "The text is no valid Handlebars template.",
     "Mend the template at this place."},
    {"E602", "template does not render",
     "Templates are strict: every variable must exist. The template was rendered with samples, and "
     "one of them failed. "
     "Headers and secrets are those that the trigger itself has.",
     "Use a variable that exists, or guard it with {{#if}}."},
    {"E603", "body is no JSON",
     "What the template renders must be JSON. It was rendered with samples of one table, of two "
     "tables, and of empty "
     "clocks and counts that were not taken (null).",
     "Write values with {{json x}}, texts as \"{{x}}\", and commas with {{#unless "
     "@last}},{{/unless}}."},
    {"E604", "text outside quotes",
     "{{x}} writes the inside of a JSON string. Outside quotes the result is no JSON.",
     "Write {{json x}}, which brings its own quotes, or put quotes around it: \"{{x}}\"."},
    {"W101", "tables stop when this receiver fails",
     "Delivery is inline and onExhausted was not written: after the last attempt the task fails, "
     "restarts and tries "
     "again, and the tables stand still meanwhile. That is the published behaviour.",
     "Write onExhausted: failTask if that is meant, else delivery: background."},
    {"W102", "one request per transaction",
     "Without an interval every committed transaction sends a request; under a steady stream that "
     "is several a second.",
     "Write interval: 1m, or interval: 0s if every transaction is meant."},
    {"W103", "several triggers without names",
     "Triggers without a name are known by method and URL. Editing either makes a new trigger, and "
     "what the old one "
     "owes is orphaned.",
     "Give each trigger a name."},
    {"W104", "secret in clear text",
     "The value of a header or secret stands in the catalog as it is. Whoever reads the file or "
     "its history has it.",
     "Write ${env:NAME} or ${file:PATH} instead, or encrypt what is secret in the file: weir "
     "secrets "
     "encrypt FLOW."},
    {"W105", "URL looks like a credential",
     "The URL seems to carry a token in its path or query. URLs are less well kept than headers: "
     "by proxies, by logs of "
     "the receiver, and in the catalog itself.",
     "Put the token into a header, or the URL into ${env:NAME}."},
    {"W106", "secret over plain http",
     "The trigger sends a header that looks secret without encryption, to another host.",
     "Use https."},
    {"W107", "secret header in the body",
     "The template writes a header that looks secret into the body. Receivers often log bodies.",
     "Take it out of the template, or put it under secrets: if the receiver needs it there."},
    {"W108", "clocks will be empty",
     "The template writes flow_published_at_min or flow_published_at_max, the smallest and largest "
     "clock of the "
     "documents. Documents of plain files (files:) carry a clock only if they have /_meta/uuid, so "
     "for a transaction "
     "of others both are empty texts.",
     "Say what stands there without clocks: {{#if flow_published_at_max}}…{{else}}…{{/if}}; or "
     "bring "
     "documents in with weir append, which gives them clocks."},
    {"W109", "long waits for a receiver",
     "Delivery is inline, and all attempts together may take more than ten minutes. The tables "
     "stand still that long.",
     "Lower timeout or maxAttempts, or write delivery: background; or delivery: inline if that is "
     "meant."},
    {"W110", "a backfill that loses documents",
     "The binding's backfill counter was raised, so its table is filled anew, and its notBefore "
     "leaves out documents of "
     "before that time. Rows that came from them are not in the new table.",
     "Remove notBefore if the table is to hold everything, or keep it if the loss is meant."},
    {"W111", "{{{x}}} breaks on quotes",
     "A value is written verbatim. With a quote, a backslash or a line break in it the body is no "
     "JSON, and the request "
     "fails for good.",
     "Write {{x}} inside quotes, or {{json x}}."},
    {"W112", "schema is not known",
     "flow://inferred-schema and flow://connector-schema stand for what Estuary's platform knows "
     "of "
     "a collection. weir takes them from \"$defs\" of the schema that refers to them, and else "
     "infers "
     "the first from the documents that are there. Where there are none, no document fits until "
     "the "
     "catalog is read again; where there are more than are looked at, a later one may not fit. A "
     "connector's schema that is not inlined admits anything and contributes no fields.",
     "Inline the schema: \"$defs: {flow://inferred-schema: {$id: flow://inferred-schema, …}}\" in "
     "the "
     "schema that refers to it. Or append documents first."},
};

}  // namespace

std::span<const CodeInfo> codes() {
  return kCodes;
}

const CodeInfo* find_code(std::string_view code) {
  const auto same = [&](const CodeInfo& info) {
    return std::equal(
        info.code.begin(), info.code.end(), code.begin(), code.end(),
        [](char a, char b) { return a == b || (b >= 'a' && b <= 'z' && a == b - 32); });
  };
  const auto it = std::find_if(std::begin(kCodes), std::end(kCodes), same);
  return it == std::end(kCodes) ? nullptr : &*it;
}

}  // namespace weir::catalog
