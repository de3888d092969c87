#include "app/complete.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "app/new_trigger.h"
#include "base/text.h"
#include "catalog/codes.h"

namespace weir::app {
namespace {

constexpr std::size_t kAboutMax = 72;  // columns; shells list one suggestion per line

// Arguments that are one of a few words.
constexpr std::pair<std::string_view, std::string_view> kWords[] = {{"SHELL", kShellNames},
                                                                    {"KIND", kTriggerKinds}};

// The beginning of a sentence that fits a line.
std::string about_of(std::string_view help) {
  const std::size_t end = help.find_first_of(";.\n");
  std::string text(help.substr(0, end));
  if (text.size() <= kAboutMax) return text;
  const std::size_t space = text.rfind(' ', kAboutMax - 3);
  return text.substr(0, space) + "…";
}

const OptionInfo* find_option(const Command& command, std::string_view name) {
  for (const OptionInfo& option : command.options) {
    if (option.name == name || (!option.short_name.empty() && option.short_name == name))
      return &option;
  }
  return nullptr;
}

// The words in front of the one being typed, taken apart without judging them.
struct Typed {
  std::vector<std::string> positionals;
  std::map<std::string, Arguments::Given, std::less<>> options;
  const OptionInfo* waiting = nullptr;  // its value is what is being typed
  bool only_positionals = false;        // behind "--"
};

Typed take_apart(const Command& command, const std::vector<std::string>& words) {
  Typed typed;
  for (const std::string& word : words) {
    if (typed.waiting != nullptr) {
      typed.options[std::string(typed.waiting->name)].values.push_back(word);
      typed.waiting = nullptr;
    } else if (typed.only_positionals || word.size() < 2 || word[0] != '-') {
      typed.positionals.push_back(word);
    } else if (word == "--") {
      typed.only_positionals = true;
    } else {
      const std::size_t equals = word.find('=');
      const OptionInfo* option = find_option(command, word.substr(0, equals));
      if (option == nullptr) continue;
      if (option->kind == ValueKind::kFlag) {
        typed.options[std::string(option->name)];
      } else if (equals != std::string::npos) {
        typed.options[std::string(option->name)].values.push_back(word.substr(equals + 1));
      } else {
        typed.waiting = option;
      }
    }
  }
  for (const OptionInfo& option : command.options) {
    const char* value = option.env.empty() ? nullptr : std::getenv(std::string(option.env).c_str());
    if (value == nullptr || *value == '\0') continue;
    typed.options.try_emplace(std::string(option.name), Arguments::Given{{value}, true});
  }
  return typed;
}

class Completer {
 public:
  Completer(const std::vector<std::string>& words, NameSource& names)
      : current_(words.empty() ? std::string() : words.back()), names_(names) {
    if (!words.empty()) before_.assign(words.begin(), words.end() - 1);
  }

  Completion completion() {
    const bool help = !before_.empty() && before_.front() == "help";
    if (help) before_.erase(before_.begin());
    std::size_t words = 0;
    const Command* command = command_of(&words);
    if (command == nullptr) {
      name_words(help);
    } else if (!help) {
      before_.erase(before_.begin(), before_.begin() + static_cast<std::ptrdiff_t>(words));
      argument(*command);
    }
    return std::move(out_);
  }

 private:
  void offer(std::string text, std::string about) {
    if (text.starts_with(current_)) out_.suggestions.push_back({std::move(text), std::move(about)});
  }

  const Command* command_of(std::size_t* words) const {
    const Command* best = nullptr;
    for (const Command* command : commands()) {
      const std::vector<std::string_view> parts = split(command->name, ' ');
      if (parts.size() > before_.size() || parts.size() <= *words) continue;
      if (!std::equal(parts.begin(), parts.end(), before_.begin())) continue;
      best = command;
      *words = parts.size();
    }
    return best;
  }

  // The next word of the names that begin with the words so far.
  void name_words(bool help) {
    std::set<std::string_view> seen;
    for (const Command* command : commands()) {
      const std::vector<std::string_view> parts = split(command->name, ' ');
      const std::size_t at = before_.size();
      if (parts.size() <= at || !std::equal(before_.begin(), before_.end(), parts.begin()))
        continue;
      if (!seen.insert(parts[at]).second) continue;
      const bool whole = parts.size() == at + 1;
      offer(std::string(parts[at]),
            whole ? std::string(command->summary) : fmt::format("Commands about {}", parts[at]));
    }
    if (!before_.empty() || help) return;
    offer("help", "Print the page of a command");
    if (!current_.starts_with('-')) return;
    offer("--help", "Print the page of weir");
    offer("--help-all", "Print all pages, as Markdown");
    offer("--version", "Print which build this is");
  }

  void argument(const Command& command) {
    Typed typed = take_apart(command, before_);
    const Arguments arguments(command, typed.positionals, typed.options);
    if (typed.waiting != nullptr) return value_of(*typed.waiting, arguments);
    const std::size_t equals = current_.find('=');
    if (!typed.only_positionals && current_.starts_with("--") && equals != std::string::npos) {
      const OptionInfo* option = find_option(command, current_.substr(0, equals));
      if (option == nullptr || option->kind == ValueKind::kFlag) return;
      out_.prefix = current_.substr(0, equals + 1);
      return value_of(*option, arguments);
    }
    const Positional* positional = next_positional(command, typed.positionals.size());
    const bool wants_options = current_.starts_with('-') && !typed.only_positionals;
    if (wants_options || positional == nullptr) return option_names(command, typed);
    value(positional->name, {}, arguments);
  }

  static const Positional* next_positional(const Command& command, std::size_t given) {
    for (const Positional& positional : command.positionals) {
      if (given < positional.at_most) return &positional;
      given -= positional.at_most;
    }
    return nullptr;
  }

  void option_names(const Command& command, const Typed& typed) {
    if (typed.only_positionals) return;
    for (const OptionInfo& option : command.options) {
      const auto given = typed.options.find(option.name);
      const bool there = given != typed.options.end() && !given->second.from_env;
      if (there && !option.repeated) continue;
      offer(std::string(option.name), about_of(option.help));
    }
    offer("--help", "Print the page of the command");
  }

  void value_of(const OptionInfo& option, const Arguments& arguments) {
    std::string_view what = option.value;
    if (option.name == "--flow") what = "FLOW";
    if (option.name == "--name" && option.repeated) what = "MATERIALIZATION";  // name_option()
    value(what, option.choices, arguments);
  }

  void value(std::string_view what, std::string_view choices, const Arguments& typed) {
    for (const auto& [word, listed] : kWords) {
      if (what == word && choices.empty()) choices = listed;
    }
    if (!choices.empty()) {
      for (const std::string_view choice : split(choices, '|')) offer_value({std::string(choice)});
    } else if (what == "FLOW") {
      out_.paths = Paths::kCatalogs;
    } else if (what == "FILE" || what == "FILES") {
      out_.paths = Paths::kFiles;
    } else if (what == "DIR") {
      out_.paths = Paths::kFolders;
    } else if (what == "COLLECTION") {
      offer_values(names_.collections(typed));
    } else if (what == "MATERIALIZATION") {
      offer_values(names_.materializations(typed));
      if (names_a_trigger(typed.command())) offer_values(names_.triggers(typed, {}));
    } else if (what == "TRIGGER") {
      trigger(typed);
    } else if (what == "REQUEST") {
      offer_values(names_.requests(typed));
    } else if (what == "CODE") {
      for (const catalog::CodeInfo& info : catalog::codes())
        offer_value({std::string(info.code), std::string(info.title)});
    }
  }

  // The materialization in front of a trigger may be left out.
  static bool names_a_trigger(const Command& command) {
    return std::any_of(command.positionals.begin(), command.positionals.end(),
                       [](const Positional& each) { return each.name == "TRIGGER"; });
  }

  void trigger(const Arguments& typed) {
    const std::string& first = typed.positionals().front();
    const Suggestions all = names_.materializations(typed);
    const bool is_materialization = std::any_of(
        all.begin(), all.end(), [&](const Suggestion& each) { return each.text == first; });
    if (is_materialization) return offer_values(names_.triggers(typed, first));
    const bool wants_request =
        std::any_of(typed.command().positionals.begin(), typed.command().positionals.end(),
                    [](const Positional& each) { return each.name == "REQUEST"; });
    if (wants_request) offer_values(names_.requests(typed));
  }

  void offer_values(Suggestions values) {
    for (Suggestion& each : values) offer_value(std::move(each));
  }
  void offer_value(Suggestion value) { offer(out_.prefix + value.text, std::move(value.about)); }

  std::vector<std::string> before_;
  const std::string current_;
  NameSource& names_;
  Completion out_;
};

}  // namespace

Completion complete(const std::vector<std::string>& words, NameSource& names) {
  return Completer(words, names).completion();
}

std::string to_lines(const Completion& completion) {
  std::string out;
  switch (completion.paths) {
    case Paths::kNone: out = ":none"; break;
    case Paths::kFiles: out = ":files"; break;
    case Paths::kFolders: out = ":folders"; break;
    case Paths::kCatalogs: out = ":catalogs"; break;
  }
  if (!completion.prefix.empty()) out += " " + completion.prefix;
  out += '\n';
  for (const Suggestion& each : completion.suggestions) {
    // A name with a line break in it cannot be offered line by line.
    if (each.text.find_first_of("\n\t") != std::string::npos) continue;
    out += fmt::format("{}\t{}\n", each.text, each.about);
  }
  return out;
}

}  // namespace weir::app
