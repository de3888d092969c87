#include "trigger/open_sealed.h"

#include "json/events.h"
#include "secrets/sealed_part.h"
#include "secrets/suffix.h"

namespace weir::trigger {
namespace {

// Header values go out as they are; what no header may hold is told before anything is sent.
bool breaks_lines(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

Status fill(const secrets::OpenedPart& part, const json::Value* values, bool header,
            std::map<std::string, Secret>* out) {
  if (values == nullptr || !values->is_object()) return {};
  for (const json::Member& member : values->members()) {
    const Secret* text = part.text_of(member.value);
    if (text == nullptr) continue;
    const bool by_suffix = part.stanza().rule.kind() == secrets::RuleKind::kEncryptedSuffix;
    const std::string_view suffix = by_suffix ? part.stanza().rule.text() : std::string_view();
    const std::string name(secrets::without_suffix(member.name, suffix));
    if (header && breaks_lines(text->reveal())) {
      return error(Code::kSealed, "the value of the header {} holds a line break or NUL", name);
    }
    (*out)[name] = *text;
  }
  return {};
}

}  // namespace

Result<std::vector<catalog::Trigger>> open_triggers(const catalog::BuiltMaterialization& built,
                                                    const secrets::Keyring& keyring) {
  if (built.sealed_triggers.empty()) return built.triggers;
  const std::string place = fmt::format("triggers of {}", built.spec.name);
  const auto tree = json::parse_tree(built.sealed_triggers);
  if (!tree) return error(Code::kInvalid, "{}: no valid JSON", place);
  const auto part = secrets::open_part(tree->root, secrets::PartKind::kTriggers, keyring);
  if (!part) return tl::unexpected<Error>(with_context(place, part.error()));
  const json::Value* config = (*part)->root().find("config");
  std::vector<catalog::Trigger> out = built.triggers;
  if (config == nullptr || config->items().size() != out.size()) {
    return error(Code::kSealed, "{}: the encrypted block has another number of triggers", place);
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const json::Value& item = config->items()[i];
    for (const Status& filled : {fill(**part, item.find("headers"), true, &out[i].headers),
                                 fill(**part, item.find("secrets"), false, &out[i].secrets)}) {
      if (!filled) return tl::unexpected<Error>(with_context(place, filled.error()));
    }
  }
  return out;
}

}  // namespace weir::trigger
