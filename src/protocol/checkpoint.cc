// The protobuf codec of the checkpoint. libprotobuf serves both directions; determinism is asked of
// it for the maps, and producers go out in the order of their ids because ours is a map too.
#include "protocol/checkpoint.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <limits>

#include "base/check.h"
#include "protocol/consumer.pb.h"

namespace weir::protocol {

namespace {

constexpr std::size_t kProducerIdBytes = 6;

void add_source(const Source& source, ::consumer::Checkpoint::Source& out) {
  out.set_read_through(source.read_through);
  for (const auto& [id, state] : source.producers) {
    auto* entry = out.add_producers();
    entry->set_id(id);
    entry->mutable_state()->set_last_ack(state.last_ack);
    entry->mutable_state()->set_begin(state.begin);
  }
}

Result<Source> read_source(const std::string& key, const ::consumer::Checkpoint::Source& in) {
  Source source;
  source.read_through = in.read_through();
  for (const auto& entry : in.producers()) {
    if (entry.id().size() != kProducerIdBytes) {
      return error(Code::kCorrupt,
                   "checkpoint: source \"{}\" has a producer id of {} bytes instead of {}", key,
                   entry.id().size(), kProducerIdBytes);
    }
    source.producers[entry.id()] = {.last_ack = entry.state().last_ack(),
                                    .begin = entry.state().begin()};
  }
  return source;
}

}  // namespace

std::string encode(const Checkpoint& checkpoint) {
  ::consumer::Checkpoint message;
  for (const auto& [key, source] : checkpoint.sources) {
    add_source(source, (*message.mutable_sources())[key]);
  }
  for (const auto& [journal, bytes] : checkpoint.ack_intents) {
    (*message.mutable_ack_intents())[journal] = bytes;
  }
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    // It can only fail beyond 2 GiB; a checkpoint is bounded far below that.
    const bool serialized = message.SerializeToCodedStream(&coded);
    WEIR_CHECK(serialized);
  }
  return out;
}

Result<Checkpoint> decode_checkpoint(std::string_view bytes) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return error(Code::kCorrupt, "checkpoint: {} bytes are more than protobuf can hold",
                 bytes.size());
  }
  ::consumer::Checkpoint message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return error(Code::kCorrupt, "checkpoint: {} bytes are no consumer.Checkpoint", bytes.size());
  }
  Checkpoint checkpoint;
  for (const auto& [key, in] : message.sources()) {
    WEIR_TRY(checkpoint.sources[key], read_source(key, in));
  }
  for (const auto& [journal, intent] : message.ack_intents()) {
    checkpoint.ack_intents[journal] = intent;
  }
  return checkpoint;
}

}  // namespace weir::protocol
