// Store on RocksDB: one database, one lock, one folder per task. Small: a few MiB of memory, few
// files, no log files of its own. Databases that Estuary's runtime wrote open too: unknown column
// families are kept as they are, and operands of its merge operator are reduced when read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "store/store.h"

namespace weir::store {

struct RocksOptions {
  std::size_t write_buffer_bytes = 4u << 20;  // two of them
  std::size_t block_cache_bytes = 4u << 20;
  std::size_t wal_bytes_max = 16u << 20;  // beyond it the write buffer is flushed
};

// Creates the folder (mode 0700) if need be. kRefused: another process, or this one, has it open;
// the message names the folder. kFull: no room to open. kCorrupt: not a database of ours. After
// kFull of a write the object goes on being usable: reads work, and each later write first tries to
// get the database going again.
Result<std::unique_ptr<Store>> open_rocksdb(const std::string& folder,
                                            const RocksOptions& options = {});

// What was there at this moment, for looking: takes no lock, changes nothing, also beside a living
// owner. write() is kRefused. kNotFound: there is no database.
Result<std::unique_ptr<Store>> open_rocksdb_read_only(const std::string& folder);

}  // namespace weir::store
