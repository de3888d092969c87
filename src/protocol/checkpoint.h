// The runtime checkpoint: gazette's consumer.Checkpoint, with its protobuf codec. Maps are written
// in ascending order of key, so equal checkpoints have equal bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::protocol {

struct ProducerState {
  std::uint64_t last_ack = 0;  // document clock of the last acknowledgement
  std::int64_t begin = -1;     // offset of the first document not yet acknowledged; -1: none
  friend bool operator==(const ProducerState&, const ProducerState&) = default;
};

struct Source {
  std::int64_t read_through = 0;                   // offset
  std::map<std::string, ProducerState> producers;  // by the producer's 6 bytes
  friend bool operator==(const Source&, const Source&) = default;
};

struct Checkpoint {
  std::map<std::string, Source> sources;  // "journal;read suffix"
  std::map<std::string, std::string>
      ack_intents;  // journal → bytes; weir's own entry rides here too
  bool empty() const { return sources.empty() && ack_intents.empty(); }
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

std::string encode(const Checkpoint& checkpoint);
Result<Checkpoint> decode_checkpoint(
    std::string_view bytes);  // kCorrupt; unknown fields are skipped

}  // namespace weir::protocol
