#include "runtime/recovery.h"

#include "base/planted.h"
#include "delivery/take_over.h"
#include "document/tuple.h"
#include "protocol/spec.h"

namespace weir::runtime {
namespace {

// Is `other` a state key of the same table with another backfill counter than `key` has?
bool replaced_by(std::string_view other, const protocol::Binding& binding) {
  const std::string base = protocol::state_key(binding.resource_path, 0);
  if (other.substr(0, base.size()) != base) return false;
  const std::string_view rest = other.substr(base.size());
  return rest.empty() || (rest.substr(0, 2) == ".v" && rest.size() > 2 &&
                          rest.substr(2).find_first_not_of("0123456789") == std::string_view::npos);
}

Status check_class(const RecoveryInput& input) {
  const bool runtime_holds = !input.opened->checkpoint.has_value();
  const auto& before = input.remembered->runtime_holds_checkpoint;
  if (!before || *before == runtime_holds) return {};
  if (runtime_holds) {
    return error(
        Code::kInvalid,
        "the endpoint of {} held the checkpoint until now and does not answer one any more; "
        "restore the endpoint, or start anew with another materialization name",
        input.materialization);
  }
  return error(Code::kInvalid,
               "the endpoint of {} now holds a checkpoint, which was kept here until now; "
               "start anew with another materialization name",
               input.materialization);
}

// The checkpoint that rules, or nothing.
const protocol::Checkpoint* ruling_checkpoint(const RecoveryInput& input) {
  const bool copy_rules = planted(Bug::kDestinationDecides) && input.remembered->checkpoint;
  if (input.opened->checkpoint && !copy_rules) {
    return input.opened->checkpoint->empty() ? nullptr : &*input.opened->checkpoint;
  }
  return input.remembered->checkpoint ? &*input.remembered->checkpoint : nullptr;
}

Status read_checkpoint(const RecoveryInput& input, const protocol::Checkpoint& checkpoint,
                       Recovered* out) {
  for (const auto& [key, bytes] : checkpoint.ack_intents) {
    if (key.rfind("weir/", 0) == 0 && key != delivery::kEntryKey) {
      return error(Code::kRefused,
                   "the checkpoint of {} was written by a newer weir (it has {}); run that version",
                   input.materialization, key);
    }
  }
  out->sources = checkpoint.sources;
  const auto entry = checkpoint.ack_intents.find(std::string(delivery::kEntryKey));
  if (entry == checkpoint.ack_intents.end() || input.opened->foreign) {
    if (!input.take_over) {
      return error(Code::kRefused,
                   "the checkpoint of {} was last written by another program; to go on from its "
                   "position, run with --take-over",
                   input.materialization);
    }
    out->base = delivery::Entry{};
    return {};
  }
  auto decoded = delivery::decode_entry(entry->second);
  if (!decoded)
    return tl::unexpected(with_context(input.materialization, std::move(decoded).error()));
  out->base = *std::move(decoded);
  return {};
}

// A table that was replaced starts anew: its former position, and what was known of its keys, are
// gone.
void drop_replaced(const RecoveryInput& input, Recovered* out) {
  const std::string prefix = "materialize/" + input.materialization + "/";
  const auto replaced = [&](std::string_view state_key) {
    bool by_another = false;
    for (const protocol::Binding& binding : *input.bindings) {
      if (binding.state_key == state_key) return false;
      by_another = by_another || replaced_by(state_key, binding);
    }
    return by_another;
  };
  std::erase_if(out->sources, [&](const auto& source) {
    const auto semicolon = source.first.rfind(';');
    if (semicolon == std::string::npos) return false;
    const std::string_view suffix = std::string_view(source.first).substr(semicolon + 1);
    return suffix.substr(0, prefix.size()) == prefix && replaced(suffix.substr(prefix.size()));
  });
  std::erase_if(out->base.max_keys, [&](const auto& entry) { return replaced(entry.first); });
}

bool read_before(const std::map<std::string, protocol::Source>& sources, std::string_view suffix) {
  for (const auto& [key, source] : sources) {
    const auto semicolon = key.rfind(';');
    if (semicolon != std::string::npos && std::string_view(key).substr(semicolon + 1) == suffix) {
      return true;
    }
  }
  return false;
}

std::string max_key_of(const RecoveryInput& input, const Recovered& recovered, std::size_t i) {
  const protocol::Binding& binding = (*input.bindings)[i];
  if (i < input.opened->bindings.size() &&
      (input.opened->bindings[i].created || input.opened->bindings[i].replaced)) {
    return "";
  }
  if (recovered.runtime_holds_checkpoint) {
    const auto& known = input.remembered->max_keys;
    const auto found = known.find(binding.state_key);
    if (found != known.end()) return found->second;
    return read_before(recovered.sources, binding.journal_read_suffix) ? std::string(kUnknownMaxKey)
                                                                       : "";
  }
  const auto found = recovered.base.max_keys.find(binding.state_key);
  return found == recovered.base.max_keys.end() ? std::string(kUnknownMaxKey) : found->second;
}

std::string state_of(const RecoveryInput& input, const delivery::Entry& base) {
  const auto& doubt = input.remembered->state_in_doubt;
  if (doubt && planted(Bug::kStateByTid)) return doubt->second;
  if (doubt && base.n > 0 && doubt->first == base.tid()) return doubt->second;
  return input.remembered->confirmed_state;
}

// Deliveries of later transactions than the base has: the destination is older than what was told
// of it.
void notice_rewound(const RecoveryInput& input, Recovered* out) {
  std::uint64_t latest = 0;
  for (const delivery::Mark& mark : input.remembered->marks) latest = std::max(latest, mark.tid.n);
  if (latest <= out->base.n) return;
  out->notices.push_back(fmt::format(
      "the table is older than what was delivered: it stands at transaction {}, and requests up to "
      "transaction {} were delivered; going on from the table, with new request ids",
      out->base.n, latest));
}

}  // namespace

Result<Recovered> recover(const RecoveryInput& input) {
  WEIR_RETURN_IF_ERROR(check_class(input));
  Recovered out;
  out.runtime_holds_checkpoint = !input.opened->checkpoint.has_value();
  if (const protocol::Checkpoint* checkpoint = ruling_checkpoint(input)) {
    WEIR_RETURN_IF_ERROR(read_checkpoint(input, *checkpoint, &out));
  } else if (input.opened->foreign && !input.take_over) {
    return error(
        Code::kRefused,
        "the fence of {} was last raised by another program; to go on from there, run with "
        "--take-over",
        input.materialization);
  }
  drop_replaced(input, &out);
  notice_rewound(input, &out);
  for (std::size_t i = 0; i < input.bindings->size(); ++i) {
    out.max_keys.push_back(max_key_of(input, out, i));
  }
  out.connector_state = state_of(input, out.base);
  // An endpoint that is explicitly empty says that what they are of never was.
  const bool empty =
      input.opened->checkpoint && input.opened->checkpoint->empty() && !input.opened->foreign;
  if (out.base.n == 0 && input.remembered->trigger_params && !empty) {
    WEIR_TRY(out.base, delivery::take_over_trigger_params(*input.remembered->trigger_params,
                                                          *input.triggers));
  }
  return out;
}

}  // namespace weir::runtime
