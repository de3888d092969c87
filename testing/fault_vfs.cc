#include "testing/fault_vfs.h"

#include <sqlite3.h>

#include "base/check.h"

namespace weir::testing {

struct FaultVfs::State {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  bool armed = false;
  bool met = false;
  bool for_good = false;
  DiskFault fault = DiskFault::kFull;
  long left = 0;

  bool strikes(bool sync) {
    if (!armed || sync != (fault == DiskFault::kSyncFails)) return false;
    if (met) return for_good;
    if (--left > 0) return false;
    return met = true;
  }
};

namespace {

// The real file's bytes follow this header in the memory that SQLite provides.
struct File {
  sqlite3_file base;
  FaultVfs::State* state;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return of(file)->real();
}
const sqlite3_io_methods& io(sqlite3_file* file) {
  return *real(file)->pMethods;
}

int write(sqlite3_file* f, const void* bytes, int size, sqlite3_int64 at) {
  if (of(f)->state->strikes(false)) {
    return of(f)->state->fault == DiskFault::kFull ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }
  return io(f).xWrite(real(f), bytes, size, at);
}
int sync(sqlite3_file* f, int flags) {
  // The bytes are there, for this test's page cache survives; only the promise is not given.
  if (of(f)->state->strikes(true)) return SQLITE_IOERR_FSYNC;
  return io(f).xSync(real(f), flags);
}

const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = [](sqlite3_file* f) { return io(f).xClose(real(f)); },
    .xRead = [](sqlite3_file* f, void* to, int size,
                sqlite3_int64 at) { return io(f).xRead(real(f), to, size, at); },
    .xWrite = write,
    .xTruncate = [](sqlite3_file* f, sqlite3_int64 size) { return io(f).xTruncate(real(f), size); },
    .xSync = sync,
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* size) { return io(f).xFileSize(real(f), size); },
    .xLock = [](sqlite3_file* f, int lock) { return io(f).xLock(real(f), lock); },
    .xUnlock = [](sqlite3_file* f, int lock) { return io(f).xUnlock(real(f), lock); },
    .xCheckReservedLock = [](sqlite3_file* f,
                             int* out) { return io(f).xCheckReservedLock(real(f), out); },
    .xFileControl = [](sqlite3_file* f, int op,
                       void* arg) { return io(f).xFileControl(real(f), op, arg); },
    .xSectorSize = [](sqlite3_file* f) { return io(f).xSectorSize(real(f)); },
    .xDeviceCharacteristics = [](sqlite3_file* f) { return io(f).xDeviceCharacteristics(real(f)); },
    .xShmMap =
        [](sqlite3_file* f, int region, int size, int extend, void volatile** out) {
          return io(f).xShmMap(real(f), region, size, extend, out);
        },
    .xShmLock = [](sqlite3_file* f, int offset, int n,
                   int flags) { return io(f).xShmLock(real(f), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { io(f).xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f, int remove) { return io(f).xShmUnmap(real(f), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* f, int flags, int* out_flags) {
  auto* state = static_cast<FaultVfs::State*>(vfs->pAppData);
  of(f)->state = state;
  const int result = state->real->xOpen(state->real, name, real(f), flags, out_flags);
  of(f)->base.pMethods = real(f)->pMethods != nullptr ? &kMethods : nullptr;
  return result;
}

}  // namespace

FaultVfs::FaultVfs() : state_(std::make_unique<State>()) {
  state_->real = sqlite3_vfs_find(nullptr);
  WEIR_CHECK(state_->real != nullptr);
  // Every call but opening serves the real layer, whose functions look at no member of their own.
  state_->vfs = *state_->real;
  state_->vfs.szOsFile = static_cast<int>(sizeof(File)) + state_->real->szOsFile;
  state_->vfs.zName = "weir-faults";
  state_->vfs.pAppData = state_.get();
  state_->vfs.xOpen = open;
  state_->vfs.pNext = nullptr;
  WEIR_CHECK(sqlite3_vfs_register(&state_->vfs, /*makeDflt=*/1) == SQLITE_OK);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&state_->vfs);
  sqlite3_vfs_register(state_->real, 1);
}

void FaultVfs::arm(DiskFault fault, long n, bool for_good) {
  state_->fault = fault;
  state_->left = n;
  state_->for_good = for_good;
  state_->met = false;
  state_->armed = true;
}

bool FaultVfs::disarm() {
  state_->armed = false;
  return state_->met;
}

}  // namespace weir::testing
