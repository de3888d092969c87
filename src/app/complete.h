// What can stand at the cursor of a command line, for the completion scripts of shells. They hand
// all words to `weir __complete -- WORDS…` (the last one is the one being typed, empty at a new
// word) and offer what it prints; so the shells know what the table of commands knows, and no more.
//
// What stands for a value decides what is offered: the name of a positional, `completes` or `value`
// of an option. FLOW (catalog files), FILE, FILES and DIR are paths, which the shell itself
// completes; COLLECTION, MATERIALIZATION, TRIGGER and REQUEST are looked up; CODE and COMMAND are
// in tables; choices are offered as they are. Anything else is the user's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"

namespace weir::app {

struct Suggestion {
  std::string text;
  std::string about = {};  // one line; may be empty
  bool operator==(const Suggestion&) const = default;
};
using Suggestions = std::vector<Suggestion>;

// Names that a catalog, or a state folder, knows. Whatever goes wrong gives no names: a completion
// never says anything. The arguments are what was typed so far.
class NameSource {
 public:
  virtual ~NameSource() = default;
  virtual Suggestions collections(const Arguments& typed) = 0;
  virtual Suggestions materializations(const Arguments& typed) = 0;
  // Of one materialization, or of all where it is empty.
  virtual Suggestions triggers(const Arguments& typed, std::string_view materialization) = 0;
  // What a trigger owes; the words are "[MATERIALIZATION] TRIGGER".
  virtual Suggestions requests(const Arguments& typed) = 0;
};

enum class Paths { kNone, kFiles, kFolders, kCatalogs };

struct Completion {
  Suggestions suggestions;  // those that begin with what was typed
  Paths paths = Paths::kNone;
  std::string prefix;  // of the word, in front of the path: "--state="
};

// `words` are those behind "weir".
Completion complete(const std::vector<std::string>& words, NameSource& names);

// What the scripts read: a line `:none`, `:files`, `:folders` or `:catalogs`, with a space and the
// prefix where there is one; then a line `TEXT<tab>ABOUT` for each suggestion.
std::string to_lines(const Completion& completion);

// Reads the catalog and asks for what is owed.
class CatalogNames : public NameSource {
 public:
  Suggestions collections(const Arguments& typed) override;
  Suggestions materializations(const Arguments& typed) override;
  Suggestions triggers(const Arguments& typed, std::string_view materialization) override;
  Suggestions requests(const Arguments& typed) override;
};

inline constexpr std::string_view kShellNames = "bash|zsh|fish";
enum class Shell { kBash, kZsh, kFish };
// The script that makes the shell complete command lines of weir.
std::string_view completion_script(Shell shell);

const Command& completion_command();  // its row of the table

}  // namespace weir::app
