// Memory for a library that copies secrets and frees the copies as they are: header lines, the
// request as it was sent. These functions overwrite what they free.
#pragma once

#include <cstddef>

namespace weir::io {

// As malloc and its siblings, for one library alone: what they give is freed by wiping_free().
void* wiping_malloc(std::size_t size);
void* wiping_calloc(std::size_t count, std::size_t size);
void* wiping_realloc(void* block, std::size_t size);
char* wiping_strdup(const char* text);
void wiping_free(void* block);

}  // namespace weir::io
