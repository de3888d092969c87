#include "trigger/prepared.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "document/uuid.h"
#include "json/events.h"
#include "trigger/terms.h"

namespace weir::trigger {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  });
  return out;
}

const Secret* find_header(const std::map<std::string, Secret>& headers,
                          std::string_view lower_name) {
  for (const auto& [name, value] : headers) {
    if (lower(name) == lower_name) return &value;
  }
  return nullptr;
}

// application/json, with parameters or a +json suffix; anything else is the user's own business.
bool is_json_type(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  const std::string_view bare = std::string_view(type).substr(0, type.find_last_not_of(" \t") + 1);
  return bare == "application/json" || (bare.size() > 5 && bare.substr(bare.size() - 5) == "+json");
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

// The same value with every text percent-encoded, so that no value can leave its place in a URL.
json::Value encoded_texts(json::Arena& arena, const json::Value& value) {
  if (value.is_string())
    return json::Value::copied_string(arena, percent_encoded(value.as_string()));
  if (value.is_array()) {
    json::Value* items = arena.array<json::Value>(value.size());
    std::size_t i = 0;
    for (const json::Value& item : value.items())
      new (&items[i++]) json::Value(encoded_texts(arena, item));
    return json::Value::array({items, i});
  }
  if (value.is_object()) {
    json::Member* members = arena.array<json::Member>(value.size());
    std::size_t i = 0;
    for (const json::Member& member : value.members()) {
      new (&members[i++]) json::Member{member.name, encoded_texts(arena, member.value), {}};
    }
    return json::Value::object({members, i});
  }
  return value;
}

}  // namespace

namespace {

// Is it JSON? Nothing is made of it, for it may hold secrets.
class NoValue final : public json::Handler {
 public:
  bool null(json::Place) override { return true; }
  bool boolean(bool, json::Place) override { return true; }
  bool number(std::string_view, json::Place) override { return true; }
  bool string(std::string_view, json::Place) override { return true; }
  bool begin_array(json::Place) override { return true; }
  bool end_array() override { return true; }
  bool begin_object(json::Place) override { return true; }
  bool name(std::string_view, json::Place) override { return true; }
  bool end_object() override { return true; }
};

}  // namespace

struct Prepared::Opened {
  std::map<std::string, Secret> headers;
  std::map<std::string, Secret> secrets;
};

namespace {

using Count = std::optional<std::uint64_t>;

void add(Count& sum, const Count& more) {
  sum = sum && more ? Count(*sum + *more) : std::nullopt;
}

std::vector<catalog::TriggerTable> tables_of(const RequestFacts& facts) {
  std::map<std::pair<std::vector<std::string>, std::string>, catalog::TriggerTable> sorted;
  for (const delivery::TableFacts& table : facts.window.tables) {
    const delivery::TableRef& ref = facts.tables.at(table.table);
    const auto [at, is_new] = sorted.try_emplace({ref.path, ref.collection});
    catalog::TriggerTable& out = at->second;
    out.documents += table.documents;
    out.stored += table.stored;
    if (is_new) {
      out.name = ref.path.empty() ? "" : ref.path.back();
      out.path = ref.path;
      out.collection = ref.collection;
      out.inserted = table.inserted;
      out.updated = table.updated;
      out.deleted = table.deleted;
      out.unchanged = table.unchanged;
    } else {
      add(out.inserted, table.inserted);
      add(out.updated, table.updated);
      add(out.deleted, table.deleted);
      add(out.unchanged, table.unchanged);
    }
  }
  std::vector<catalog::TriggerTable> out;
  for (auto& [key, table] : sorted) out.push_back(std::move(table));
  return out;
}

// Pieces of a URL that can be a credential by themselves, and all of it beyond the origin.
std::vector<Secret> hidden_in_url(std::string_view url) {
  constexpr std::size_t kPieceMin = 8;
  const std::string origin = io::origin_of(url);
  if (url.substr(0, origin.size()) == origin) url.remove_prefix(origin.size());
  std::vector<Secret> out;
  if (url.size() > 1) out.emplace_back(std::string(url));
  while (!url.empty()) {
    const std::size_t end = std::min(url.find_first_of("/?&=#"), url.size());
    if (end >= kPieceMin) out.emplace_back(std::string(url.substr(0, end)));
    url.remove_prefix(std::min(end + 1, url.size()));
  }
  return out;
}

}  // namespace

catalog::TriggerFacts facts_of(const RequestFacts& facts, const TaskFacts& task,
                               const std::string& label) {
  const delivery::Window& window = facts.window;
  catalog::TriggerFacts out;
  out.tables = tables_of(facts);
  std::set<std::string> collections;
  for (const catalog::TriggerTable& table : out.tables) collections.insert(table.collection);
  out.collection_names.assign(collections.begin(), collections.end());
  out.connector_image = task.connector_image;
  out.materialization_name = task.materialization;
  if (window.clock_min != 0) out.flow_published_at_min = document::format_clock(window.clock_min);
  if (window.clock_max != 0) out.flow_published_at_max = document::format_clock(window.clock_max);
  out.run_id = format_timestamp(window.run_id);
  out.after = window.after;
  out.through = window.through;
  out.started_at = format_timestamp(window.started);
  out.ended_at = format_timestamp(window.ended);
  out.trigger = facts.label.empty() ? label : facts.label;
  out.request_id = facts.request_id;
  out.endpoint = task.endpoint;
  out.environment = task.environment;
  return out;
}

Prepared::Prepared(const catalog::Trigger& trigger, TaskFacts task, std::string revision,
                   handlebars::Template payload, handlebars::Template url)
    : trigger_(trigger),
      task_(std::move(task)),
      revision_(std::move(revision)),
      label_(label_of(trigger)),
      origin_(io::origin_of(trigger.url.reveal())),
      payload_(std::move(payload)),
      url_(std::move(url)) {}

Result<std::shared_ptr<const Prepared>> Prepared::make(const catalog::Trigger& trigger,
                                                       TaskFacts task, std::string revision) {
  auto payload = handlebars::Template::parse(trigger.payload_template);
  if (!payload) {
    return error(Code::kInvalid, "trigger {}: payloadTemplate:{}", label_of(trigger),
                 payload.error().text());
  }
  auto url = handlebars::Template::parse(trigger.url.reveal());
  if (!url)
    return error(Code::kInvalid, "trigger {}: url:{}", label_of(trigger), url.error().text());
  return std::shared_ptr<const Prepared>(new Prepared(trigger, std::move(task), std::move(revision),
                                                      *std::move(payload), *std::move(url)));
}

Result<Prepared::Opened> Prepared::open(const Surroundings& surroundings) const {
  Opened out;
  for (const auto& [name, value] : trigger_.headers) {
    auto opened = expand(value, trigger_.base_dir, surroundings);
    if (!opened) {
      return tl::unexpected(
          with_context(fmt::format("trigger {}: header {}", label_, name), opened.error()));
    }
    // A file may hold what the catalog could not be checked for.
    if (opened->reveal().find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
      return error(Code::kInvalid, "trigger {}: header {} holds a line end, which HTTP forbids",
                   label_, name);
    }
    out.headers.emplace(name, *std::move(opened));
  }
  for (const auto& [name, value] : trigger_.secrets) {
    auto opened = expand(value, trigger_.base_dir, surroundings);
    if (!opened) {
      return tl::unexpected(
          with_context(fmt::format("trigger {}: secret {}", label_, name), opened.error()));
    }
    out.secrets.emplace(name, *std::move(opened));
  }
  return out;
}

Status Prepared::check(const Surroundings& surroundings) const {
  const auto check_one = [&](std::string_view what, const Secret& text) -> Status {
    Status checked = check_environment(text, surroundings);
    if (checked) return {};
    return tl::unexpected(
        with_context(fmt::format("trigger {}: {}", label_, what), std::move(checked).error()));
  };
  WEIR_RETURN_IF_ERROR(check_one("url", trigger_.url));
  for (const auto& [name, value] : trigger_.headers)
    WEIR_RETURN_IF_ERROR(check_one("header " + name, value));
  for (const auto& [name, value] : trigger_.secrets)
    WEIR_RETURN_IF_ERROR(check_one("secret " + name, value));
  return {};
}

Result<std::string> Prepared::payload(const catalog::TriggerFacts& facts,
                                      const std::map<std::string, Secret>& headers,
                                      const std::map<std::string, Secret>& secrets) const {
  json::Arena arena;
  const json::Value context = catalog::make_context(facts, headers, secrets, arena);
  auto rendered = handlebars::render(payload_, context);
  if (!rendered) {
    return error(Code::kInvalid, "trigger {}: payloadTemplate:{}", label_, rendered.error().text());
  }
  const Secret* type = find_header(headers, "content-type");
  if (type != nullptr && !is_json_type(type->reveal())) return *std::move(rendered);
  NoValue nothing;
  if (const auto parsed = json::parse_events(*rendered, nothing); !parsed) {
    wipe(*rendered);
    const json::Place place = parsed.error().error.place;
    return error(Code::kInvalid, "trigger {}: the payload is no JSON at its line {}, column {}",
                 label_, place.line, place.column);
  }
  return *std::move(rendered);
}

Result<Secret> Prepared::url(const catalog::TriggerFacts& facts,
                             const Surroundings& surroundings) const {
  json::Arena arena;
  const json::Value context = encoded_texts(arena, catalog::make_context(facts, {}, {}, arena));
  handlebars::RenderOptions options;
  options.escape = handlebars::Escape::kNone;
  auto rendered = handlebars::render(url_, context, options);
  if (!rendered)
    return error(Code::kInvalid, "trigger {}: url:{}", label_, rendered.error().text());
  auto opened = expand(Secret(*std::move(rendered)), trigger_.base_dir, surroundings);
  if (!opened)
    return tl::unexpected(with_context(fmt::format("trigger {}: url", label_), opened.error()));
  const std::string_view text = opened->reveal();
  const bool clean = std::none_of(text.begin(), text.end(),
                                  [](unsigned char c) { return c <= 0x20 || c == 0x7f; });
  if (!clean) {
    return error(Code::kInvalid, "trigger {}: the url holds a space or a line end", label_);
  }
  return opened;
}

Result<delivery::Outgoing> Prepared::make_request(const catalog::TriggerFacts& facts,
                                                  const Surroundings& surroundings) const {
  WEIR_TRY(Opened opened, open(surroundings));
  WEIR_TRY(std::string body, payload(facts, opened.headers, opened.secrets));
  io::HttpRequest request;
  request.body = Secret(std::move(body));
  request.method = catalog::name_of(trigger_.method);
  WEIR_TRY(request.url, url(facts, surroundings));
  request.timeout = trigger_.timeout;
  const auto add = [&](std::string name, std::string value) {
    request.headers.emplace_back(std::move(name), Secret(std::move(value)));
  };
  if (find_header(opened.headers, "content-type") == nullptr)
    add("Content-Type", "application/json");
  if (find_header(opened.headers, "user-agent") == nullptr)
    add("User-Agent", "weir/" + task_.product_version);
  for (auto& [name, value] : opened.headers) request.headers.emplace_back(name, value);
  add("webhook-id", facts.request_id);
  add("Idempotency-Key", facts.request_id + "-" + revision_);
  add("weir-revision", revision_);
  // Should the receiver echo them: what the user gave as a secret, and a URL, which can be a
  // credential.
  std::vector<Secret> hidden;
  for (auto& [name, value] : opened.headers) {
    if (lower(name) != "content-type") hidden.push_back(std::move(value));
  }
  for (auto& [name, value] : opened.secrets) hidden.push_back(std::move(value));
  for (Secret& piece : hidden_in_url(request.url.reveal())) hidden.push_back(std::move(piece));
  return delivery::Outgoing(std::move(request), std::move(hidden));
}

Result<delivery::Outgoing> Prepared::request(const RequestFacts& facts,
                                             const Surroundings& surroundings) const {
  return make_request(facts_of(facts, task_, label_), surroundings);
}

Result<delivery::Outgoing> Prepared::test_request(const Surroundings& surroundings) const {
  catalog::TriggerFacts facts =
      catalog::sample_facts(catalog::Sample::kOneTable, task_.materialization, label_);
  facts.endpoint = task_.endpoint;
  facts.environment = task_.environment;
  facts.connector_image = task_.connector_image;
  facts.request_id = "wr_test";
  WEIR_TRY(delivery::Outgoing outgoing, make_request(facts, surroundings));
  outgoing.request.headers.emplace_back("weir-test", Secret(std::string("true")));
  return outgoing;
}

Result<std::string> Prepared::preview(const RequestFacts& facts) const {
  std::map<std::string, Secret> headers, secrets;
  // The content type decides whether the payload must be JSON, and is no secret.
  for (const auto& [name, value] : trigger_.headers) {
    headers.emplace(name, lower(name) == "content-type" ? value : Secret(std::string("[secret]")));
  }
  for (const auto& [name, value] : trigger_.secrets)
    secrets.emplace(name, Secret(std::string("[secret]")));
  return payload(facts_of(facts, task_, label_), headers, secrets);
}

}  // namespace weir::trigger
