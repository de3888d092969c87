#include "journal/decompress.h"

#include <zlib.h>
#include <zstd.h>

#include <string>

#include "base/check.h"

namespace weir::journal {
namespace {

class GzipDecompressor final : public Decompressor {
 public:
  explicit GzipDecompressor(CompressedSource source)
      : source_(std::move(source)), input_(kCompressedBytes, '\0') {
    // 32: gzip or zlib, told by the header.
    WEIR_CHECK(::inflateInit2(&stream_, MAX_WBITS + 32) == Z_OK);
  }
  ~GzipDecompressor() override { ::inflateEnd(&stream_); }

  Result<std::size_t> read(std::span<char> out) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    while (stream_.avail_out > 0) {
      if (stream_.avail_in == 0) {
        WEIR_TRY(const std::size_t length, source_(input_));
        if (length == 0) {
          if (!between_members_) return error(Code::kCorrupt, "the gzip stream is cut off");
          break;
        }
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(length);
      }
      between_members_ = false;
      const int code = ::inflate(&stream_, Z_NO_FLUSH);
      if (code == Z_STREAM_END) {
        between_members_ = true;
        ::inflateReset(&stream_);
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return error(Code::kCorrupt, "not a gzip stream: {}",
                     stream_.msg == nullptr ? "damaged" : stream_.msg);
      }
    }
    return out.size() - stream_.avail_out;
  }

 private:
  CompressedSource source_;
  std::string input_;
  z_stream stream_{};
  bool between_members_ = false;
};

class ZstandardDecompressor final : public Decompressor {
 public:
  explicit ZstandardDecompressor(CompressedSource source)
      : source_(std::move(source)),
        input_(kCompressedBytes, '\0'),
        stream_(::ZSTD_createDStream()) {
    WEIR_CHECK(stream_ != nullptr);
    ::ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kZstandardWindowLogMax);
  }
  ~ZstandardDecompressor() override { ::ZSTD_freeDStream(stream_); }

  Result<std::size_t> read(std::span<char> out) override {
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    while (output.pos < output.size) {
      if (consumed_ == length_ && !more_output_) {
        WEIR_TRY(length_, source_(input_));
        consumed_ = 0;
        if (length_ == 0) {
          if (!between_frames_) return error(Code::kCorrupt, "the zstd stream is cut off");
          break;
        }
      }
      ZSTD_inBuffer input{input_.data(), length_, consumed_};
      const std::size_t code = ::ZSTD_decompressStream(stream_, &output, &input);
      if (::ZSTD_isError(code) != 0)
        return error(Code::kCorrupt, "not a zstd stream: {}", ::ZSTD_getErrorName(code));
      consumed_ = input.pos;
      between_frames_ = code == 0;
      // It may hold back what did not fit into the output.
      more_output_ = code != 0 && output.pos == output.size;
    }
    return output.pos;
  }

 private:
  CompressedSource source_;
  std::string input_;
  ZSTD_DStream* stream_;
  std::size_t length_ = 0;
  std::size_t consumed_ = 0;
  bool more_output_ = false;
  bool between_frames_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> gzip_decompressor(CompressedSource source) {
  return std::make_unique<GzipDecompressor>(std::move(source));
}

std::unique_ptr<Decompressor> zstandard_decompressor(CompressedSource source) {
  return std::make_unique<ZstandardDecompressor>(std::move(source));
}

}  // namespace weir::journal
