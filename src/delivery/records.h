// What the local store keeps of deliveries, as JSON: marks, facts of requests, and what the user
// asked for while nothing ran. Every record says its version; a larger one than ours is kRefused (a
// newer weir wrote it), anything else that does not decode is kCorrupt. Keys are those of
// store/keys.h; golden files pin the bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "delivery/ledger.h"
#include "delivery/window.h"
#include "store/store.h"

namespace weir::delivery {

inline constexpr std::uint64_t kRecordVersion = 1;

// Facts of one request that stand on their own: the window's indexes refer to `tables`, which are
// just those it needs.
struct Facts {
  std::string label;
  Window window;
  std::vector<TableRef> tables{};
  friend bool operator==(const Facts&, const Facts&) = default;
};
Facts facts_of(std::string label, const Window& window, const std::vector<TableRef>& tables);

// The user's word, left for the session that acts on it. `facts` is what a redelivery is made from;
// a request that is owed needs none.
struct UserRecord {
  RequestKey key;
  std::string request_id;  // of just that transaction: another may do its range again
  Timestamp at{};
  std::optional<Facts> facts{};
  friend bool operator==(const UserRecord&, const UserRecord&) = default;
};

std::string encode(const Mark& mark);
Result<Mark> decode_mark(std::string_view text);
std::string encode(const Facts& facts);
Result<Facts> decode_facts(std::string_view text);
std::string encode(const UserRecord& record);
Result<UserRecord> decode_user_record(std::string_view text);

// ---- in batches, under their keys ----
void put_mark(store::Batch& batch, const Mark& mark);
void erase_mark(store::Batch& batch, const Mark& mark);
void put_redelivery(store::Batch& batch, const UserRecord& record);
void erase_redelivery(store::Batch& batch, const RequestKey& key);
void put_discard(store::Batch& batch, const UserRecord& record);
void erase_discard(store::Batch& batch, const RequestKey& key);

// ---- all there is; bounded by kMarksMax and kUserRecordsMax, beyond which kLimit ----
inline constexpr std::size_t kMarksMax = 1u << 20;
inline constexpr std::size_t kUserRecordsMax = 4096;
Result<std::vector<Mark>> read_marks(const store::Store& store);
Result<std::vector<UserRecord>> read_redeliveries(const store::Store& store);
Result<std::vector<UserRecord>> read_discards(const store::Store& store);
// By identity: the words under which a trigger's requests were parked. Keys:
// store::parked_words_key.
Result<std::map<std::string, std::string>> read_parked_words(const store::Store& store);

}  // namespace weir::delivery
