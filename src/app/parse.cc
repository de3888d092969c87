#include "app/parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "base/duration.h"
#include "base/text.h"

namespace weir::app {
namespace {

std::vector<std::string_view> option_names(const Command& command) {
  std::vector<std::string_view> names{"--help"};
  for (const OptionInfo& option : command.options) names.push_back(option.name);
  return names;
}

Error unknown_option(const Command& command, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  return {Code::kInvalid,
          fmt::format("unknown option {}{}; `weir {} --help` lists the options", name,
                      did_you_mean(name, option_names(command)), command.name)};
}

Status check_value(const OptionInfo& option, const std::string& value, bool from_env) {
  const std::string source =
      from_env ? fmt::format("environment variable {}", option.env) : std::string(option.name);
  switch (option.kind) {
    case ValueKind::kFlag:
    case ValueKind::kText: return {};
    case ValueKind::kCount: {
      std::uint64_t number = 0;
      const char* end = value.data() + value.size();
      const auto [at, failure] = std::from_chars(value.data(), end, number);
      if (value.empty() || failure != std::errc() || at != end) {
        return error(Code::kInvalid, "{} wants a whole number, not \"{}\"", source, value);
      }
      return {};
    }
    case ValueKind::kDuration:
      if (!parse_duration(value)) {
        return error(Code::kInvalid, "{} wants a duration such as 30s or 2m, not \"{}\"", source,
                     value);
      }
      return {};
    case ValueKind::kChoice: {
      const std::vector<std::string_view> choices = split(option.choices, '|');
      if (std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
      return error(Code::kInvalid, "{} wants one of {}, not \"{}\"{}", source,
                   fmt::join(choices, ", "), value, did_you_mean(value, choices));
    }
  }
  return {};
}

Status check_positionals(const Command& command, const std::vector<std::string>& given) {
  std::size_t at_least = 0;
  std::size_t at_most = 0;
  for (const Positional& positional : command.positionals) {
    at_least += positional.at_least;
    at_most += positional.at_most;
    if (given.size() < at_least) {
      return error(Code::kInvalid, "{} is missing; `weir {} --help` tells how it is used",
                   positional.name, command.name);
    }
  }
  if (given.size() > at_most) {
    return error(Code::kInvalid,
                 "unexpected argument \"{}\"; `weir {} --help` tells how it is used",
                 given[at_most], command.name);
  }
  return {};
}

// Storage that the library writes into while it parses.
struct Slot {
  std::vector<std::string> values;
  CLI::Option* option = nullptr;
};

void declare(CLI::App& app, const OptionInfo& info, Slot& slot) {
  std::string names(info.name);
  if (!info.short_name.empty()) names += fmt::format(",{}", info.short_name);
  if (info.kind == ValueKind::kFlag) {
    slot.option = app.add_flag(names);
  } else {
    slot.option = app.add_option(names, slot.values)->expected(1)->allow_extra_args(false);
    if (info.repeated) slot.option->take_all();
  }
}

Result<std::map<std::string, Arguments::Given, std::less<>>> collect(
    const Command& command, const std::vector<Slot>& slots) {
  std::map<std::string, Arguments::Given, std::less<>> options;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const OptionInfo& info = command.options[i];
    Arguments::Given given{slots[i].values, false};
    if (slots[i].option->count() == 0) {
      const char* from_env =
          info.env.empty() ? nullptr : std::getenv(std::string(info.env).c_str());
      if (from_env == nullptr || *from_env == '\0') continue;
      given = {{from_env}, true};
    } else if (!info.repeated && slots[i].option->count() > 1) {
      return error(Code::kInvalid, "{} is given more than once", info.name);
    }
    for (const std::string& value : given.values) {
      WEIR_RETURN_IF_ERROR(check_value(info, value, given.from_env));
    }
    options.emplace(info.name, std::move(given));
  }
  return options;
}

}  // namespace

Result<Named> name_command(const std::vector<std::string>& words) {
  Named best;
  std::vector<std::string_view> names;
  for (const Command* command : commands()) {
    const std::vector<std::string_view> parts = split(command->name, ' ');
    names.push_back(command->name);
    if (parts.size() > words.size() || parts.size() <= best.words) continue;
    if (std::equal(parts.begin(), parts.end(), words.begin())) best = {command, parts.size()};
  }
  if (best.command != nullptr) return best;

  const std::string_view first = words.front();
  std::vector<std::string_view> verbs;  // of the group that the first word names
  for (const std::string_view name : names) {
    if (name.size() > first.size() && name.starts_with(first) && name[first.size()] == ' ') {
      verbs.push_back(name.substr(first.size() + 1));
    }
  }
  if (verbs.empty()) {
    return error(Code::kInvalid, "unknown command \"{}\"{}; `weir --help` lists the commands",
                 first, did_you_mean(first, names));
  }
  if (words.size() < 2 || words[1].starts_with('-')) {
    return error(Code::kInvalid, "`weir {}` wants one of {}", first, fmt::join(verbs, ", "));
  }
  return error(Code::kInvalid, "unknown command \"{} {}\"{}; there is {}", first, words[1],
               did_you_mean(words[1], verbs), fmt::join(verbs, ", "));
}

Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& words) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<Slot> slots(command.options.size());
  std::vector<std::string> positionals;
  try {
    for (std::size_t i = 0; i < slots.size(); ++i) declare(app, command.options[i], slots[i]);
    app.add_option("arguments", positionals);
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as the library wants it
    app.parse(reversed);
  } catch (const CLI::Error& failure) {
    return error(Code::kInvalid, "{}; `weir {} --help` lists the options", failure.what(),
                 command.name);
  }
  for (const std::string& word : app.remaining()) {
    if (word == "--") continue;  // behind it all words are arguments, and were taken as such
    if (word.size() > 1 && word.front() == '-')
      return tl::unexpected(unknown_option(command, word));
    positionals.push_back(word);
  }
  WEIR_TRY(auto options, collect(command, slots));
  WEIR_RETURN_IF_ERROR(check_positionals(command, positionals));
  return Arguments(command, std::move(positionals), std::move(options));
}

}  // namespace weir::app
