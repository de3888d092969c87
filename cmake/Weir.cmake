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
if(WEIR_PLANTED_BUGS)
  target_compile_definitions(weir_flags INTERFACE WEIR_PLANTED_BUGS=1)
endif()
if(WEIR_SANITIZE)
  target_compile_options(weir_flags INTERFACE -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(weir_flags INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()

# weir_library(base SOURCES a.cc b.cc DEPENDS weir_json fmt::fmt): target weir_base.
# DEPENDS are public: a header may include what it lists. Libraries that only .cc files use go to PRIVATE.
function(weir_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(weir_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(weir_${name} PUBLIC weir_flags ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
endfunction()

# weir_test(json SOURCES a_test.cc DEPENDS weir_json): program weir_json_test, one ctest entry per program,
# run in the source tree's root so that tests find golden files by relative path.
function(weir_test name)
  if(NOT WEIR_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(weir_${name}_test ${ARG_SOURCES})
  target_link_libraries(weir_${name}_test PRIVATE weir_flags ${ARG_DEPENDS} GTest::gtest_main GTest::gmock)
  # EXPECT_EQ(…) behind an `if` expands to an if-else of its own.
  target_compile_options(weir_${name}_test PRIVATE -Wno-dangling-else)
  add_test(NAME ${name} COMMAND weir_${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
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
