#include "catalog/trigger_values.h"

#include <algorithm>
#include <numeric>

#include "base/duration.h"
#include "catalog/reference.h"
#include "catalog/url.h"

namespace weir::catalog {
namespace {

constexpr std::string_view kForbidden[] = {"host", "content-length", "transfer-encoding",
                                           "connection", "idempotency-key"};
constexpr std::string_view kForbiddenPrefixes[] = {"webhook-", "weir-"};
constexpr auto kLongWait = std::chrono::minutes(10);

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != kMarks.npos;
  });
}

std::string_view reference_remedy() {
  return find_code("E506")->remedy;
}

// All attempts and the pauses between them: 1, 2, 4 … 30 s.
std::chrono::milliseconds longest_wait(const Trigger& trigger) {
  constexpr std::int64_t kPauseMax = 30;
  constexpr std::uint32_t kAttemptsCounted = 1000;  // more of them is a long wait anyway
  const std::uint32_t attempts =
      std::clamp<std::uint32_t>(trigger.max_attempts, 1, kAttemptsCounted);
  std::chrono::milliseconds wait = trigger.timeout * attempts;
  for (std::uint32_t n = 1; n < attempts; ++n) {
    wait += std::chrono::seconds(n > 5 ? kPauseMax : std::int64_t{1} << (n - 1));
  }
  return wait;
}

}  // namespace

void check_url(const Node& node, Problems& problems) {
  const std::string_view text = node.tree().as_string();
  if (const auto problem = reference_problem(text)) {
    problems.add("E506", node.location(), fmt::format("in \"url\" {}", *problem),
                 std::string(reference_remedy()));
    return;
  }
  if (has_template_origin(text)) {
    problems.add("E502", node.location(), "the origin of \"url\" holds a template");
    return;
  }
  // What a reference brings is only known later; the sender checks it then.
  if (has_reference_origin(text)) return;
  std::string why;
  const auto url = parse_url(text, &why);
  if (!url) return problems.add("E501", node.location(), fmt::format("\"url\" is no URL: {}", why));
  if (!url->user_info.empty()) {
    problems.add("E501", node.location(), "\"url\" holds a user name or password",
                 "Put the credential into a header, such as Authorization.");
  }
}

std::optional<HeaderNameProblem> header_name_problem(std::string_view name) {
  if (!is_token(name)) {
    return HeaderNameProblem{
        "E503", fmt::format("{} of \"headers\" is no name of a header",
                            looks_like_a_name(name) ? fmt::format("\"{}\"", name) : "a member")};
  }
  const std::string folded = lower(name);
  const bool forbidden =
      std::find(std::begin(kForbidden), std::end(kForbidden), folded) != std::end(kForbidden) ||
      std::any_of(std::begin(kForbiddenPrefixes), std::end(kForbiddenPrefixes),
                  [&](std::string_view prefix) { return folded.starts_with(prefix); });
  if (forbidden)
    return HeaderNameProblem{"E504",
                             fmt::format("the header {} cannot be set", quoted_name(name, true))};
  if (folded.ends_with("_sops")) {
    return HeaderNameProblem{
        "E512", fmt::format("the header {} ends in _sops, but the triggers are not sealed",
                            quoted_name(name, true))};
  }
  return std::nullopt;
}

void check_header_name(std::string_view name, const Node& node, Problems& problems) {
  if (auto problem = header_name_problem(name))
    problems.add(problem->code, node.name_location(), std::move(problem->text));
}

void check_secret_value(SecretPlace place, std::string_view name, const Node& node,
                        Problems& problems) {
  const std::string_view text = node.tree().as_string();
  const std::string_view kind = place == SecretPlace::kHeader ? "header" : "secret";
  const std::string quoted = quoted_name(name, true);
  if (place == SecretPlace::kHeader &&
      text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    problems.add("E505", node.location(),
                 fmt::format("the value of the {} {} holds a line break or NUL", kind, quoted));
  }
  if (const auto problem = reference_problem(text)) {
    problems.add("E506", node.location(), fmt::format("in the {} {} {}", kind, quoted, *problem));
  }
}

bool good_trigger_name(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 64;
  const auto alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !name.empty() && name.size() <= kNameBytesMax && alphanumeric(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

void warn_of_trigger(const Trigger& trigger, const WrittenMembers& written,
                     const TriggerNodes& nodes, Problems& problems) {
  // Nobody waits for a trigger that is switched off; its secrets lie open all the same.
  const bool is_inline = trigger.enabled && trigger.delivery == DeliveryMode::kInline;
  if (is_inline && !written.on_exhausted) {
    problems.add("W101", trigger.location, "if this receiver fails, the tables stop");
  }
  if (trigger.enabled && !written.interval && !written.merge_pending) {
    problems.add("W102", trigger.location, "every transaction sends a request");
  }
  // Who writes "delivery: inline" means the tables to wait.
  if (is_inline && !written.delivery && longest_wait(trigger) > kLongWait) {
    problems.add("W109", trigger.location,
                 fmt::format("the tables may wait {} for this receiver",
                             format_duration(longest_wait(trigger))));
  }
  const auto clear = [&](std::string_view kind, std::string_view name, const Node& node) {
    problems.add("W104", node.location(),
                 fmt::format("the {} {} stands in clear text", kind, quoted_name(name, true)),
                 fmt::format("{}, or encrypt it: weir secrets encrypt {}",
                             problems.published() ? "Move it to a file that is laid over this one"
                                                  : "Write ${env:NAME} or ${file:PATH} instead",
                             node.location().file));
  };
  bool secret_header = false;
  for (const auto& [name, node] : nodes.headers) {
    if (!is_secret_name(name)) continue;
    secret_header = true;
    if (!written.sealed && !has_reference(node.tree().as_string())) clear("header", name, node);
  }
  for (const auto& [name, node] : nodes.secrets) {
    if (!written.sealed && !has_reference(node.tree().as_string())) clear("secret", name, node);
  }
  std::string why;
  const auto url = parse_url(trigger.url.reveal(), &why);
  if (!url || has_reference_origin(trigger.url.reveal())) return;
  if (looks_like_a_credential(*url)) {
    problems.add("W105", nodes.url->location(), "\"url\" looks like it carries a credential");
  }
  if (url->scheme == "http" && secret_header && !is_loopback(url->host)) {
    problems.add("W106", nodes.url->location(), "a secret header goes over plain http");
  }
}

}  // namespace weir::catalog
