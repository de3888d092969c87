# Flags and the three functions that every folder's CMakeLists.txt uses.

find_program(WEIR_CCACHE ccache)
if(WEIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WEIR_CCACHE})
endif()

add_library(weir_flags INTERFACE)
target_compile_options(weir_flags INTERFACE -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A false positive of g++ 12 in std::string (GCC bug 105651).
  target_compile_options(weir_flags INTERFACE -Wno-restrict)
endif()
target_include_directories(weir_flags INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
if(WEIR_FAULT_POINTS)
  target_compile_definitions(weir_flags INTERFACE WEIR_FAULT_POINTS=1)
endif()
if(WEIR_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "WEIR_FUZZ needs libFuzzer, which comes with clang: cmake --preset fuzz")
  endif()
  # Coverage of the libraries guides the fuzzers, and the sanitizers tell them what went wrong in there.
  if(NOT WEIR_SANITIZE)
    set(WEIR_SANITIZE address,undefined)
  endif()
  target_compile_options(weir_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(WEIR_PRECOMPILE)
  target_compile_options(weir_flags INTERFACE -pthread) # some libraries ask for it, and all must be alike
endif()
if(WEIR_PLANTED_BUGS)
  target_compile_definitions(weir_flags INTERFACE WEIR_PLANTED_BUGS=1)
endif()
if(WEIR_SANITIZE)
  target_compile_options(weir_flags INTERFACE -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(weir_flags INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()

# The sanitizers' builds read the headers that nearly every file has once instead of hundreds of times. Other builds go
# without: there a file that lacks an #include does not compile.
function(weir_precompile target)
  if(WEIR_PRECOMPILE)
    # Later, when the folder's file has said how its sources are compiled.
    cmake_language(EVAL CODE "cmake_language(DEFER CALL weir_precompile_now ${target})")
  endif()
endfunction()

function(weir_precompile_now target)
  set(kind library)
  get_target_property(options ${target} COMPILE_OPTIONS)
  if("-fno-exceptions" IN_LIST options)
    set(kind pure)
  elseif(target MATCHES "_test$")
    set(kind test)
    # Programs would be compiled otherwise than the library that has their headers.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_source_file_property(own ${source} COMPILE_OPTIONS)
    if(own)
      set_source_files_properties(${source} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    endif()
  endforeach()
  if(NOT TARGET weir_precompiled_${kind})
    file(WRITE ${CMAKE_BINARY_DIR}/precompiled_${kind}.cc "")
    add_library(weir_precompiled_${kind} STATIC ${CMAKE_BINARY_DIR}/precompiled_${kind}.cc)
    target_link_libraries(weir_precompiled_${kind} PRIVATE weir_flags fmt::fmt tl::expected Threads::Threads)
    set(headers <algorithm> <cstdint> <functional> <map> <memory> <mutex> <optional> <set> <span> <string>
      <string_view> <vector> <fmt/format.h> <tl/expected.hpp>)
    if(kind STREQUAL pure)
      target_compile_options(weir_precompiled_pure PRIVATE -fno-exceptions)
    elseif(kind STREQUAL test)
      set_target_properties(weir_precompiled_test PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_link_libraries(weir_precompiled_test PRIVATE GTest::gmock)
      list(APPEND headers <filesystem> <fstream> <gtest/gtest.h> <gmock/gmock.h>)
    endif()
    target_precompile_headers(weir_precompiled_${kind} PRIVATE ${headers})
  endif()
  target_precompile_headers(${target} REUSE_FROM weir_precompiled_${kind})
endfunction()

# weir_library(base SOURCES a.cc b.cc DEPENDS weir_json fmt::fmt): target weir_base.
# DEPENDS are public: a header may include what it lists. Libraries that only .cc files use go to PRIVATE.
function(weir_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(weir_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(weir_${name} PUBLIC weir_flags ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
  weir_precompile(weir_${name})
endfunction()

# weir_test(json SOURCES a_test.cc DEPENDS weir_json): program weir_json_test, one ctest entry per program,
# run in the source tree's root so that tests find golden files by relative path. THREADS marks those that run more than
# one, in the program itself or in the built one that it starts: the thread sanitizer can find something in no others.
function(weir_test name)
  if(NOT WEIR_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "THREADS" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(weir_${name}_test ${ARG_SOURCES})
  target_link_libraries(weir_${name}_test PRIVATE weir_flags ${ARG_DEPENDS} GTest::gtest_main GTest::gmock)
  # EXPECT_EQ(…) behind an `if` expands to an if-else of its own.
  target_compile_options(weir_${name}_test PRIVATE -Wno-dangling-else)
  weir_precompile(weir_${name}_test)
  add_test(NAME ${name} COMMAND weir_${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(ARG_THREADS)
    set_tests_properties(${name} PROPERTIES LABELS threads)
    if(NOT TARGET weir_tests_of_threads)
      add_custom_target(weir_tests_of_threads)
    endif()
    add_dependencies(weir_tests_of_threads weir_${name}_test)
  endif()
endfunction()

# weir_fuzzer(template SOURCES template_fuzz.cc DEPENDS weir_handlebars): program fuzz_template. Its seed corpus
# fuzz/corpus/template runs as a test, also where there is no libFuzzer: then fuzz/run_corpus.cc drives it.
function(weir_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(fuzz_${name} ${ARG_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE weir_flags ${ARG_DEPENDS})
  if(WEIR_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_link_libraries(fuzz_${name} PRIVATE weir_run_corpus)
  endif()
  if(WEIR_TESTS)
    add_test(NAME fuzz_${name}_corpus COMMAND fuzz_${name} -runs=0 fuzz/corpus/${name}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  endif()
endfunction()
