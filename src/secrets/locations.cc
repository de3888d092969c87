#include "secrets/locations.h"

#include <unordered_set>

#include "json/pointer.h"

namespace weir::secrets {
namespace {

constexpr std::string_view kUri = "weir:config";

class Finder {
 public:
  Finder(const std::unordered_set<const json::Value*>& secret, SecretLocations& out)
      : secret_(secret), out_(out) {}

  void root(const json::Value& value) {
    if (secret_.contains(&value)) fail("the root");
    walk(value, "");
  }

 private:
  void fail(const std::string& where) {
    if (out_.error != LocationError::kNone) return;
    out_.error = LocationError::kNoMember;
    out_.message = fmt::format(
        "{} is secret by its schema, but it is no member of an object, so its name cannot tell "
        "that it is encrypted",
        where);
  }
  void walk(const json::Value& value, const std::string& pointer) {
    if (value.is_object()) {
      for (const json::Member& member : value.members()) {
        std::string below = pointer;
        json::append_token(below, member.name);
        if (secret_.contains(&member.value)) out_.members.push_back(&member);
        walk(member.value, below);
      }
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        const std::string below = fmt::format("{}/{}", pointer, i);
        if (secret_.contains(&value.items()[i])) fail(below);
        walk(value.items()[i], below);
      }
    }
  }

  const std::unordered_set<const json::Value*>& secret_;
  SecretLocations& out_;
};

}  // namespace

Result<std::shared_ptr<const json::Schema>> secret_schema(const json::Value& schema,
                                                          const json::RegexFactory& regex) {
  json::SchemaStore store;
  WEIR_RETURN_IF_ERROR(store.add(kUri, schema));
  json::SchemaOptions options;
  options.keywords = {"secret", "airbyte_secret"};
  options.regex = regex;
  return store.compile(kUri, options);
}

SecretLocations secret_locations(const json::Schema& schema, const json::Value& document) {
  SecretLocations out;
  json::Outcome outcome;
  schema.validate(document, outcome);
  if (!outcome.valid) {
    out.error = LocationError::kNotValid;
    out.message = "does not fit its schema";
    if (!outcome.problems.empty()) {
      const json::SchemaProblem& first = outcome.problems.front();
      out.message += fmt::format(
          ": {}: {}", first.instance_pointer.empty() ? "/" : first.instance_pointer, first.message);
    }
    out.problems = std::move(outcome.problems);
    return out;
  }
  std::unordered_set<const json::Value*> secret;
  for (const json::Annotation& annotation : outcome.annotations) {
    const json::Value& value = schema.sites()[annotation.site].value;
    if (value.is_bool() && value.as_bool()) secret.insert(annotation.instance);
  }
  Finder(secret, out).root(document);
  return out;
}

}  // namespace weir::secrets
