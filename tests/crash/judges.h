// Judges of the promises. They see only the journal, the destination's rows and what receivers got;
// nothing of the runtime. Each returns what is broken, one line each; empty: the promise holds.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "testing/fake_http.h"

namespace weir::judges {

// A request as one receiver got it. Bodies of the tests' catalogs say
// {"range":[after,through],"trigger":…}.
struct Seen {
  std::string trigger;
  std::string id;
  std::string key;  // Idempotency-Key: id and revision
  std::string body;
  std::uint64_t after = 0;
  std::uint64_t through = 0;
  bool accepted = false;
};
// Broken bodies are a broken promise of their own: told in `broken`.
Seen read(const testing::SeenRequest& request, bool accepted, std::vector<std::string>& broken);

// Exactly once: the table is the plain reduction (sums of /total by /id) of the journal's
// documents.
std::vector<std::string> judge_rows(const std::vector<std::string>& documents,
                                    const std::vector<std::string>& rows);

// For each trigger, of the requests that were accepted: the ranges tile (0, through], without hole
// and without overlap but for whole re-sends under the same id (gapless, no lost); each request
// that was seen at all is among them (no phantom); one id and revision has one body (same words).
std::vector<std::string> judge_requests(const std::vector<Seen>& seen,
                                        const std::set<std::string>& triggers,
                                        std::uint64_t committed);

}  // namespace weir::judges
