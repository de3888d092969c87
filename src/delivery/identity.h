// Names that last: trigger identities, request ids, revisions. Hash inputs are framed "<decimal
// length>:<bytes>" and joined, the domain first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/window.h"

namespace weir::delivery {

// What a trigger is known by: its name; else method and URL as written (decrypted, references not
// expanded), and for the k-th of equal ones (k ≥ 2) k. Digest of domain weir/trigger/v1, 26 base32
// characters.
std::string trigger_identity_named(std::string_view name);
std::string trigger_identity_unnamed(std::string_view method, std::string_view url,
                                     std::uint32_t k);
// wr_ + 26 base32 characters; domain weir/request/v1.
std::string request_id(std::string_view materialization, std::string_view trigger_identity,
                       const Tid& last, std::uint64_t after, std::uint64_t through);
// 8 base32 characters; domain weir/revision/v1.
struct RevisionInputs {
  std::string_view payload_template, method, url_template, connector_image, endpoint, environment;
};
inline constexpr std::string_view kRenderingVersion = "1";
std::string revision(const RevisionInputs& inputs);
// TriggerTerms::words: one digest of whatever the caller finds worth another try of a parked
// request.
std::string words_digest(const std::vector<std::string_view>& parts);

}  // namespace weir::delivery
