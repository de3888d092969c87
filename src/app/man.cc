#include "app/man.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/exit_code.h"
#include "app/help.h"
#include "app/version.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kLineBytes = 76;  // of source: both formatters fill the lines themselves

// Text that stands for itself: hyphens that can be copied, no escapes, no quotes of typography.
std::string literal(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default:
        if (text.substr(i).starts_with("…")) {
          out += "...";
          i += std::string_view("…").size() - 1;
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string bold(std::string_view text) {
  return "\\fB" + literal(text) + "\\fR";
}
std::string italic(std::string_view text) {
  return "\\fI" + literal(text) + "\\fR";
}

// What stands in backquotes is bold.
std::string marked(std::string_view text) {
  std::string out;
  bool code = false;
  for (const std::string_view part : split(text, '`')) {
    out += code ? bold(part) : literal(part);
    code = !code;
  }
  return out;
}

// Lines of at most kLineBytes where words allow it, none of which is taken for a request.
std::string filled(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (column > 0 && column + 1 + word.size() > kLineBytes) {
      out += '\n';
      column = 0;
    }
    if (column > 0) {
      out += ' ';
      ++column;
    } else if (word.front() == '.') {
      out += "\\&";
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

std::string paragraphs(std::string_view text) {
  std::string out;
  std::string paragraph;
  bool as_it_is = false;  // inside of lines that start with a space
  bool first = true;
  const auto flush = [&] {
    if (paragraph.empty()) return;
    out += (first ? "" : ".PP\n") + filled(marked(paragraph));
    paragraph.clear();
    first = false;
  };
  for (const std::string_view line : split(text, '\n')) {
    const bool kept = !line.empty() && line.front() == ' ';
    if (kept || line.empty()) flush();
    if (kept != as_it_is) out += kept ? ".PP\n.nf\n" : ".fi\n";
    as_it_is = kept;
    if (kept) {
      out += literal(line) + "\n";
    } else if (!line.empty()) {
      if (!paragraph.empty()) paragraph += ' ';
      paragraph += line;
    }
  }
  flush();
  if (as_it_is) out += ".fi\n";
  return out;
}

std::string entry(std::string_view tag, std::string_view text) {
  return fmt::format(".TP\n{}\n{}", tag, filled(marked(text)));
}

std::string head(std::string_view name, std::string_view summary, std::string_view date) {
  std::string title(name);
  for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return fmt::format(
      ".\\\" Made by `weir man` from the table of commands.\n"
      ".TH {} 1 {} \"weir {}\" \"weir\"\n.SH NAME\n{}",
      literal(title), date, version(),
      filled(fmt::format("{} \\- {}", literal(name), literal(summary))));
}

std::string synopsis(const Command& command) {
  std::string line = bold(fmt::format("weir {}", command.name));
  for (const Positional& positional : command.positionals) {
    std::string name = italic(positional.name);
    if (positional.at_most > 1) name += "...";
    line += positional.at_least == 0 ? " [" + name + "]" : " " + name;
  }
  return line + " [" + italic("OPTIONS") + "]\n";
}

std::string options(const Command& command) {
  std::string out;
  for (const OptionInfo& option : command.options) {
    std::string tag = bold(option.name);
    if (!option.short_name.empty()) tag = bold(option.short_name) + ", " + tag;
    if (!option.value.empty()) tag += " " + italic(option.value);
    out += entry(tag, describe(option));
  }
  return out + entry(bold("--help"), "Print the page of the command");
}

std::string exits(const Command& command) {
  std::string out;
  for (const ExitNote& note : command.exits) {
    out += entry(bold(fmt::format("{}", static_cast<int>(note.code))),
                 note.when.empty() ? meaning_of(note.code) : note.when);
  }
  return out;
}

std::string environment(const std::vector<const Command*>& of) {
  std::map<std::string_view, std::vector<std::string>> variables;
  for (const Command* command : of) {
    for (const OptionInfo& option : command->options) {
      if (option.env.empty()) continue;
      std::vector<std::string>& names = variables[option.env];
      const std::string name(option.name);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::string out;
  for (const auto& [variable, names] : variables) {
    out += entry(bold(variable), fmt::format("Stands for `{}` where the option is not given.",
                                             fmt::join(names, "`, `")));
  }
  return out;
}

std::string reference(const Command& command) {
  return fmt::format(".BR {} (1)", literal(man_name(command)));
}

std::string see_also(const Command& command) {
  std::string out = ".BR weir (1)";
  const std::size_t space = command.name.find(' ');
  if (space != std::string_view::npos) {
    const std::string_view group = command.name.substr(0, space + 1);
    for (const Command* other : commands()) {
      if (other != &command && other->name.starts_with(group)) out += ",\n" + reference(*other);
    }
  }
  return out + "\n";
}

std::vector<const Command*> all_commands() {
  return {commands().begin(), commands().end()};
}

}  // namespace

std::string man_name(const Command& command) {
  std::string name = fmt::format("weir-{}", command.name);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string man_page(const Command& command, std::string_view date) {
  std::string page = head(man_name(command), command.summary, date);
  page += ".SH SYNOPSIS\n" + synopsis(command);
  page += ".SH DESCRIPTION\n" + paragraphs(command.description);
  if (!command.positionals.empty()) {
    page += ".SH ARGUMENTS\n";
    for (const Positional& each : command.positionals) page += entry(italic(each.name), each.help);
  }
  page += ".SH OPTIONS\n" + options(command);
  const std::string variables = environment({&command});
  if (!variables.empty()) page += ".SH ENVIRONMENT\n" + variables;
  page += ".SH EXIT STATUS\n" + exits(command);
  if (!command.examples.empty()) page += ".SH EXAMPLES\n";
  for (const Example& each : command.examples) page += entry(bold(each.line), each.what);
  return page + ".SH SEE ALSO\n" + see_also(command);
}

std::string man_page(std::string_view date) {
  std::string page = head("weir", "keep tables up to date from journals, and fire webhooks", date);
  page += ".SH SYNOPSIS\n" + bold("weir") + " " + italic("COMMAND") + " [" + italic("ARGUMENTS") +
          "] [" + italic("OPTIONS") + "]\n";
  page += ".SH DESCRIPTION\n" +
          filled(marked("weir keeps database tables up to date from journals of JSON documents, in "
                        "exactly-once transactions, and fires a webhook after every commit."));
  page += ".PP\n" + filled(marked("FLOW arguments name catalog files and default to `./flow.yaml`. "
                                  "Results go to standard output, everything else to standard "
                                  "error."));
  page += ".SH COMMANDS\n";
  for (const Command* command : commands())
    page += entry(reference(*command), fmt::format("{}.", command->summary));
  page += ".SH ENVIRONMENT\n" + environment(all_commands());
  page += ".SH FILES\n" + entry(italic("./flow.yaml"), "The catalog.") +
          entry(italic(".weir/"), "State, beside the first catalog file; private to its owner.") +
          entry(italic("journals/"), "Journals, beside the first catalog file.") +
          entry(italic("/etc/weir/flow.yaml"), "The catalog of the system service.");
  page += ".SH EXIT STATUS\n";
  for (const ExitCodeInfo& info : exit_codes())
    page += entry(bold(fmt::format("{}", static_cast<int>(info.code))), info.meaning);
  page += ".SH SEE ALSO\n";
  std::string list;
  for (const Command* command : commands())
    list += (list.empty() ? "" : ",\n") + reference(*command);
  return page + list + "\n";
}

}  // namespace weir::app
