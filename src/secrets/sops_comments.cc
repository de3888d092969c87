#include "secrets/sops_comments.h"

#include <algorithm>

#include "base/secret_text.h"
#include "secrets/sops_stanza.h"

namespace weir::secrets {
namespace {

// A member or an item, with the map that it belongs to.
struct Entry {
  std::size_t offset = 0;
  std::uint32_t column = 0;
  std::string parent;      // the keys around it, each with a colon
  std::string own;         // with its own
  bool encrypted = false;  // as the rule has it for comments there
};

// The associated data of a comment: SOPS joins the keys by colons and puts one behind, also behind
// none.
std::string associated(const std::string& parent) {
  return parent.empty() ? ":" : parent;
}

class Entries {
 public:
  Entries(const TextDocument& document, const SopsRule& rule) : document_(document), rule_(rule) {
    for (const json::Value& root : document.roots()) walk(root, true);
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.offset < b.offset; });
  }

  // The entry that a comment speaks of: the next one, if it stands alone in the column of that one,
  // else the last one before.
  const Entry* of(Span comment) const {
    const auto next =
        std::upper_bound(entries_.begin(), entries_.end(), comment.begin,
                         [](std::size_t at, const Entry& entry) { return at < entry.offset; });
    const std::string_view before = document_.text().substr(0, comment.begin);
    const std::size_t line = before.rfind('\n') + 1;
    const bool alone = before.substr(line).find_first_not_of(" \t") == std::string_view::npos;
    if (next != entries_.end() &&
        (next == entries_.begin() || (alone && next->column == comment.begin - line + 1))) {
      return &*next;
    }
    return next == entries_.begin() ? nullptr : &*std::prev(next);
  }

  // Opens under the path of any map around the comment, or of an empty one before it.
  std::optional<Secret> open(Span comment, const Secret& key) const {
    const auto envelope = parse_envelope(document_.slice({comment.begin + 1, comment.end}));
    if (!envelope || envelope->type != SopsType::kComment) return std::nullopt;
    const auto next =
        std::upper_bound(entries_.begin(), entries_.end(), comment.begin,
                         [](std::size_t at, const Entry& entry) { return at < entry.offset; });
    for (const auto& each : {next == entries_.end() ? entries_.end() : next,
                             next == entries_.begin() ? entries_.end() : std::prev(next)}) {
      if (each == entries_.end()) continue;
      std::string path = each->own;
      while (true) {
        if (auto text = open_envelope(*envelope, key, associated(path))) return *std::move(text);
        if (path.empty()) break;
        const std::size_t colon =
            path.size() < 2 ? std::string::npos : path.rfind(':', path.size() - 2);
        path.resize(colon == std::string::npos ? 0 : colon + 1);
      }
    }
    return std::nullopt;
  }

 private:
  void add(json::Place place, std::string own) {
    entries_.push_back(
        {document_.offset_of(place), place.column, path_, std::move(own), rule_.encrypts(keys_)});
  }
  void walk(const json::Value& value, bool root) {
    if (value.is_array()) {
      for (const json::Value& item : value.items()) {
        add(item.place(), path_);
        walk(item, false);
      }
    }
    if (!value.is_object()) return;
    for (const json::Member& member : value.members()) {
      if (root && member.name == kStanzaName) continue;
      add(member.place, path_ + std::string(member.name) + ":");
      const std::size_t size = path_.size();
      path_ += member.name;
      path_ += ':';
      keys_.push_back(member.name);
      walk(member.value, false);
      keys_.pop_back();
      path_.resize(size);
    }
  }

  const TextDocument& document_;
  const SopsRule& rule_;
  std::vector<Entry> entries_;
  std::vector<std::string_view> keys_;
  std::string path_;
};

bool sealed_comment(const TextDocument& document, Span comment) {
  return looks_sealed(document.slice({comment.begin + 1, comment.end}));
}

}  // namespace

std::vector<Edit> open_comments(const TextDocument& document, const SopsRule& rule,
                                const Secret& key) {
  std::vector<Edit> edits;
  if (document.format() != Format::kYaml) return edits;
  const Entries entries(document, rule);
  for (const Span comment : document.comments()) {
    if (!sealed_comment(document, comment)) continue;
    if (auto text = entries.open(comment, key)) {
      edits.push_back({{comment.begin + 1, comment.end}, *std::move(text)});
    }
  }
  return edits;
}

Result<std::vector<Edit>> seal_comments(const TextDocument& document, const SopsRule& rule,
                                        const Secret& key, const Entropy& entropy) {
  std::vector<Edit> edits;
  if (document.format() != Format::kYaml) return edits;
  const Entries entries(document, rule);
  for (const Span comment : document.comments()) {
    const Entry* entry = entries.of(comment);
    if (entry == nullptr || !entry->encrypted || sealed_comment(document, comment) ||
        comment.end == comment.begin + 1) {
      continue;
    }
    const Span inside{comment.begin + 1, comment.end};
    WEIR_TRY(const std::string envelope,
             seal_value({SopsType::kComment, Secret(std::string(document.slice(inside)))}, key,
                        associated(entry->parent), entropy));
    edits.push_back({inside, Secret(envelope)});
  }
  return edits;
}

Result<std::vector<Edit>> reseal_comments(const TextDocument& document, const SopsRule& rule,
                                          const Secret& from, const Secret& to,
                                          const Entropy& entropy) {
  std::vector<Edit> edits = open_comments(document, rule, from);
  const Entries entries(document, rule);
  for (Edit& edit : edits) {
    const Entry* entry = entries.of({edit.span.begin - 1, edit.span.end});
    WEIR_TRY(const std::string envelope,
             seal_value({SopsType::kComment, edit.text}, to,
                        associated(entry == nullptr ? std::string() : entry->parent), entropy));
    edit.text = Secret(envelope);
  }
  return edits;
}

}  // namespace weir::secrets
