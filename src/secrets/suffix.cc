#include "secrets/suffix.h"

#include <unordered_map>
#include <unordered_set>

#include "base/secret_text.h"
#include "json/write_secret.h"

namespace weir::secrets {
namespace {

class JsonOfOpened {
 public:
  JsonOfOpened(std::span<const OpenedLeaf> leaves, std::string_view suffix) : suffix_(suffix) {
    for (const OpenedLeaf& leaf : leaves) by_value_[leaf.leaf.value] = &leaf;
  }

  Status write(const json::Value& value, bool root) {
    if (value.is_object()) return object(value, root);
    if (value.is_array()) return array(value);
    const auto found = by_value_.find(&value);
    if (found == by_value_.end() || !found->second->opened) {
      json::append(value, out_);
      return {};
    }
    const auto literal = json_literal(found->second->type, found->second->text);
    if (!literal) {
      return error(Code::kCorrupt, "{}:{}: {}", value.place().line, value.place().column,
                   literal.error().message);
    }
    out_.append(literal->reveal());
    return {};
  }
  Secret take() { return out_.take(); }

 private:
  Status object(const json::Value& value, bool root) {
    std::unordered_set<std::string_view> names;
    out_.append('{');
    for (const json::Member& member : value.members()) {
      if (root && member.name == kStanzaName) continue;
      const std::string_view name = without_suffix(member.name, suffix_);
      if (!names.empty()) out_.append(',');
      if (!names.insert(name).second) {
        return error(Code::kInvalid,
                     "{}:{}: both \"{}\" and \"{}{}\" would be called \"{}\"; remove one of them",
                     member.place.line, member.place.column, name, name, suffix_, name);
      }
      out_.append_quoted(name);
      out_.append(':');
      WEIR_RETURN_IF_ERROR(write(member.value, false));
    }
    out_.append('}');
    return {};
  }

  Status array(const json::Value& value) {
    out_.append('[');
    bool first = true;
    for (const json::Value& item : value.items()) {
      const auto found = by_value_.find(&item);
      const bool comment = found != by_value_.end() && found->second->opened &&
                           found->second->type == SopsType::kComment;
      if (comment) continue;
      if (!first) out_.append(',');
      first = false;
      WEIR_RETURN_IF_ERROR(write(item, false));
    }
    out_.append(']');
    return {};
  }

  const std::string_view suffix_;
  std::unordered_map<const json::Value*, const OpenedLeaf*> by_value_;
  SecretText out_{4096};
};

}  // namespace

std::string_view without_suffix(std::string_view name, std::string_view suffix) {
  if (suffix.empty() || name.size() <= suffix.size() || !name.ends_with(suffix)) return name;
  return name.substr(0, name.size() - suffix.size());
}

Result<Secret> opened_json(const json::Value& root, std::span<const OpenedLeaf> leaves,
                           const SopsStanza& stanza) {
  const bool by_suffix = stanza.rule.kind() == RuleKind::kEncryptedSuffix;
  JsonOfOpened writer(leaves, by_suffix ? std::string_view(stanza.rule.text()) : "");
  WEIR_RETURN_IF_ERROR(writer.write(root, true));
  return writer.take();
}

}  // namespace weir::secrets
