// The published members of a trigger, then weir's own. Members of the model that this build does
// not carry out are known and refused. Everything below `triggers` is confidential.
#include <algorithm>
#include <set>

#include "catalog/read.h"
#include "catalog/reference.h"
#include "catalog/template_check.h"
#include "catalog/trigger_values.h"
#include "catalog/triggers_json.h"
#include "catalog/url.h"

namespace weir::catalog {
namespace {

// In the order of the manual.
constexpr std::string_view kNotInThisBuild[] = {
    "debounce", "when", "retry", "statuses", "expect", "signing", "command", "cwd", "env"};

// Of a trigger that a file laid over others adds, though it may have meant to change one.
constexpr std::string_view kMeetsNone =
    "Write it; or, if this is to change a trigger of the files before, write the name of that one, "
    "or its URL and method if it has no name.";

// Behind the name of a value that SOPS encrypted.
constexpr std::string_view kSealedSuffix = "_sops";

class TriggerReader {
 public:
  TriggerReader(const Node& node, const std::string& materialization,
                std::optional<std::chrono::milliseconds> shared_interval, bool sealed,
                Problems& problems)
      : node_(node),
        materialization_(materialization),
        shared_interval_(shared_interval),
        problems_(problems) {
    written_.sealed = sealed;
  }

  Trigger read() {
    const std::size_t errors = problems_.errors();
    out_.location = node_.location();
    spread_ = std::any_of(node_.layers().begin(), node_.layers().end(), [&](const Layer& layer) {
      return layer.file->folder() != node_.file().folder();
    });
    out_.base_dir = spread_ ? "" : node_.file().folder();
    ObjectReader object(node_, "a trigger", problems_);
    read_published(object);
    read_own(object);
    refuse_others(object);
    object.finish();
    const bool sound = problems_.errors() == errors;
    if (payload_) check_payload_template(*payload_, out_, materialization_, problems_);
    if (url_ && url_->tree().as_string().find("{{") != std::string_view::npos && sound) {
      check_url_template(*url_, out_, materialization_, problems_);
    }
    if (sound) {
      nodes_.url = &*url_;
      warn_of_trigger(out_, written_, nodes_, problems_);
    }
    return std::move(out_);
  }

 private:
  void read_published(ObjectReader& object) {
    url_ = object.of_kind("url", json::Kind::kString);
    if (url_) {
      out_.url = text_of(*url_);
      check_url(*url_, problems_);
      own_reference(*url_, "a reference ${…} in \"url\"");
      if (url_->tree().as_string().find("{{") != std::string_view::npos)
        problems_.own(url_->location(), "a template in \"url\"");
    }
    constexpr Method kMethods[] = {Method::kPost, Method::kPut, Method::kPatch};
    if (const auto method = object.choice("method", {"POST", "PUT", "PATCH"}))
      out_.method = kMethods[*method];
    if (const auto headers = object.object("headers")) read_headers(*headers);
    payload_ = object.of_kind("payloadTemplate", json::Kind::kString);
    if (payload_) out_.payload_template = payload_->tree().as_string();
    if (object.any("timeout")) {  // null stands for the default
      if (const auto timeout = object.duration("timeout")) {
        out_.timeout = *timeout;
        if (timeout->count() == 0)
          object.problem("E507", *object.any("timeout"), "\"timeout\" is zero");
      }
    }
    if (const auto attempts = object.count("maxAttempts")) {
      out_.max_attempts = *attempts;
      out_.max_attempts_written = true;
    }
  }

  void read_headers(const Node& node) {
    for (const auto& [written, value] : node.members()) {
      const std::string_view name = clear_name(written);
      check_header_name(name, value, problems_);
      if (!take_text(value, name, "header")) continue;
      if (is_sealed(written)) {
        out_.headers.emplace(name, Secret());
        nodes_.headers.emplace_back(name, value);
        continue;
      }
      check_secret_value(SecretPlace::kHeader, name, value, problems_);
      own_reference(value,
                    fmt::format("a reference ${{…}} in the header {}", quoted_name(name, true)));
      out_.headers.emplace(name, text_of(value));
      nodes_.headers.emplace_back(name, value);
    }
  }

  void read_secrets(const Node& node) {
    for (const auto& [written, value] : node.members()) {
      const std::string_view name = clear_name(written);
      if (!take_text(value, name, "secret")) continue;
      if (is_sealed(written)) {
        out_.secrets.emplace(name, Secret());
        nodes_.secrets.emplace_back(name, value);
        continue;
      }
      check_secret_value(SecretPlace::kSecret, name, value, problems_);
      out_.secrets.emplace(name, text_of(value));
      nodes_.secrets.emplace_back(name, value);
    }
  }

  void own_reference(const Node& value, const std::string& what) {
    if (has_reference(value.tree().as_string())) problems_.own(value.location(), what);
  }

  // Paths of references are relative to the file that says them.
  Secret text_of(const Node& value) const {
    const std::string_view text = value.tree().as_string();
    return Secret(spread_ ? with_paths_in(value.file().folder(), text) : std::string(text));
  }

  bool is_sealed(std::string_view written) const {
    return written_.sealed && written.size() > kSealedSuffix.size() &&
           written.ends_with(kSealedSuffix);
  }
  // The name as it is once the block is opened.
  std::string_view clear_name(std::string_view written) const {
    return is_sealed(written) ? written.substr(0, written.size() - kSealedSuffix.size()) : written;
  }

  bool take_text(const Node& value, std::string_view name, std::string_view kind) {
    if (value.tree().is_string()) return true;
    Location location = value.location();
    std::string message =
        fmt::format("the value of the {} {} must be a text", kind, quoted_name(name, true));
    if (value.tree().is_null()) {
      // {token} in a flow mapping is a name without a value: the name may be the secret.
      location.pointer.erase(location.pointer.rfind('/'));
      message = fmt::format("a {} has no value", kind);
    }
    problems_.add("E203", location, std::move(message));
    return false;
  }

  void read_own(ObjectReader& object) {
    object.own(
        {"name", "enabled", "delivery", "onExhausted", "interval", "mergePending", "secrets"});
    if (const auto name = object.of_kind("name", json::Kind::kString)) {
      out_.name = name->tree().as_string();
      if (!good_trigger_name(out_.name))
        object.problem("E508", *name, "\"name\" is no name of a trigger");
    }
    out_.enabled = object.boolean("enabled").value_or(true);
    constexpr DeliveryMode kModes[] = {DeliveryMode::kInline, DeliveryMode::kBackground};
    const auto mode = object.choice("delivery", {"inline", "background"});
    written_.delivery = mode.has_value();
    out_.delivery = mode ? kModes[*mode] : DeliveryMode::kInline;
    const bool background = out_.delivery == DeliveryMode::kBackground;
    constexpr OnExhausted kEnds[] = {OnExhausted::kFailTask, OnExhausted::kPark,
                                     OnExhausted::kDiscard};
    const auto end = object.choice("onExhausted", {"failTask", "park", "discard"});
    written_.on_exhausted = end.has_value();
    out_.on_exhausted = end          ? kEnds[*end]
                        : background ? OnExhausted::kPark
                                     : OnExhausted::kFailTask;
    if (background && out_.on_exhausted == OnExhausted::kFailTask) {
      object.problem("E510", *object.any("onExhausted"),
                     "\"onExhausted\" is failTask, but \"delivery\" is background");
    }
    read_pace(object);
    if (const auto secrets = object.object("secrets")) read_secrets(*secrets);
  }

  void read_pace(ObjectReader& object) {
    const auto own = object.any("interval") ? object.duration("interval") : std::nullopt;
    out_.interval = own ? own : shared_interval_;
    written_.interval = out_.interval.has_value();
    const auto merge = object.boolean("mergePending");
    out_.merge_pending = merge.value_or(true);
    written_.merge_pending = merge.has_value();
    const bool paced = out_.interval && out_.interval->count() > 0;
    if (paced && !out_.merge_pending) {
      object.problem("E511", *object.any("mergePending"),
                     own ? "\"mergePending\" is false, but the trigger has an \"interval\""
                         : "\"mergePending\" is false, but \"triggers\" has an \"interval\"");
    }
  }

  void refuse_others(ObjectReader& object) {
    for (const std::string_view name : {"url_sops", "command_sops"}) {
      if (!object.has(name)) continue;
      object.ignore({name});
      problems_.add("E512", node_.location(), fmt::format("\"{}\" is sealed", name));
    }
    for (const std::string_view name : kNotInThisBuild) object.refuse(name);
    if (object.has("command") || object.has("url_sops")) return;
    object.require({"url", "payloadTemplate"}, node_.is_added() ? kMeetsNone : std::string_view());
  }

  const Node& node_;
  const std::string& materialization_;
  const std::optional<std::chrono::milliseconds> shared_interval_;
  Problems& problems_;
  bool spread_ = false;  // over files of several folders
  Trigger out_;
  WrittenMembers written_;
  TriggerNodes nodes_;
  std::optional<Node> url_, payload_;
};

void check_names(const std::vector<std::pair<Trigger*, Node>>& triggers, Problems& problems) {
  std::set<std::string> names;
  std::size_t unnamed = 0;
  for (const auto& [trigger, node] : triggers) {
    unnamed += trigger->name.empty() ? 1 : 0;
    if (trigger->name.empty() || names.insert(trigger->name).second) continue;
    Location location = node.location();
    for (const auto& [name, member] : node.members()) {
      if (name == "name") location = member.location();
    }
    problems.add("E509", location, "the \"name\" is that of an earlier trigger, too");
  }
  if (unnamed < 2) return;
  for (const auto& [trigger, node] : triggers) {
    if (trigger->name.empty())
      problems.add("W103", node.location(), "one of several triggers without a name");
  }
}

// The code of an encrypted block covers what it holds: another file may add weir's options to a
// trigger, but change nothing of that.
void check_sealed(const Node& sops, const std::vector<Node>& triggers, Problems& problems) {
  constexpr std::string_view kCovered[] = {"url",     "method",  "headers", "secrets",
                                           "signing", "command", "cwd",     "env"};
  const SourceFile* sealed = &sops.file();
  for (const Node& trigger : triggers) {
    if (trigger.layers().front().file != sealed) {
      problems.add("E513", trigger.location(), "an encrypted block gets another trigger");
      continue;
    }
    const json::Value& own = *trigger.layers().front().value;
    for (const Layer& layer : trigger.layers()) {
      if (layer.file == sealed) continue;
      for (const std::string_view name : kCovered) {
        const json::Member* member = layer.value->find_member(name);
        if (member == nullptr) continue;
        const json::Value* below = own.find(name);
        if (below != nullptr && json::equal(*below, member->value)) continue;
        problems.add("E513",
                     {layer.file->path, member->place, layer.pointer + '/' + std::string(name)},
                     fmt::format("\"{}\" of an encrypted trigger is changed", name));
      }
    }
  }
}

}  // namespace

void read_triggers(const Node& node, Materialization& out, ReadContext& context) {
  ObjectReader object(node, "\"triggers\"", context.problems);
  const auto sealed = object.of_kind("sops", json::Kind::kObject);
  const auto interval = object.any("interval") ? object.duration("interval") : std::nullopt;
  const auto config = object.array("config");
  object.require({"config"});
  object.finish();
  if (!config) return;
  const std::vector<Node> nodes = config_of(*config).items();
  out.triggers.reserve(nodes.size());
  std::vector<std::pair<Trigger*, Node>> named;
  for (const Node& item : nodes) {
    out.triggers.push_back(
        TriggerReader(item, out.name, interval, sealed.has_value(), context.problems).read());
    named.emplace_back(&out.triggers.back(), item);
  }
  check_names(named, context.problems);
  if (sealed) check_sealed(*sealed, nodes, context.problems);
  if (sealed) out.sealed_triggers = merged_triggers(node);
  out.triggers_json = triggers_json(node);
}

}  // namespace weir::catalog
