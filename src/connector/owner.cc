#include "connector/owner.h"

namespace weir::connector {

namespace {

bool same_process(const Owner& a, const Owner& b) {
  return a.host == b.host && a.boot_id == b.boot_id && a.pid == b.pid &&
         a.pid_started == b.pid_started;
}

bool certainly_dead(const Owner& owner, const OpenRequest& request) {
  if (same_process(owner, request.owner)) {
    // The state folder's lock keeps one session of it alive at a time, so the earlier one is spent.
    return owner.state_id == request.owner.state_id;
  }
  return owner.host == request.owner.host && request.owner_is_dead && request.owner_is_dead(owner);
}

}  // namespace

std::string describe(const Owner& owner) {
  return fmt::format("process {} on {} since {} (task {})", owner.pid, owner.host, owner.since,
                     owner.task);
}

Result<Claim> claim(const Claimed& found, const OpenRequest& request) {
  if (!found.fenced) return Claim{};
  if (!found.owner) {
    if (request.take_over) return Claim{.foreign = true};
    return error(Code::kRefused,
                 "the checkpoint of materialization {} was last written by another program; make "
                 "sure that it has stopped, then --take-over goes on from its position",
                 request.spec.name);
  }
  if (found.closed || request.take_over || certainly_dead(*found.owner, request)) return Claim{};
  const bool here = found.owner->host == request.owner.host;
  return error(
      Code::kRefused,
      "materialization {} is owned by {}, which {}; stop it, or take over with --take-over",
      request.spec.name, describe(*found.owner),
      here ? "is still running" : "never closed and cannot be seen from this host");
}

Error fenced_off(std::string_view materialization, const std::optional<Owner>& now) {
  return Error{Code::kRefused,
               now ? fmt::format("materialization {} was taken over by {}; this session wrote "
                                 "nothing since",
                                 materialization, describe(*now))
                   : fmt::format("the fence of materialization {} was raised or removed by another "
                                 "program; this session wrote nothing since",
                                 materialization)};
}

}  // namespace weir::connector
