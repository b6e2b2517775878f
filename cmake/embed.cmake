# Puts data files into the program, so that it works from any folder.
function(forger_embed output)
  set(content "")
  foreach(path IN LISTS ARGN)
    get_filename_component(name ${path} NAME_WE)
    file(READ ${path} text)
    string(APPEND content "{\"${name}\", R\"embedded(${text})embedded\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  endforeach()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/${output} CONTENT "${content}" @ONLY)
endfunction()

function(forger_embed_files)
  file(GLOB recipes CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/recipes/*.toml)
  forger_embed(embedded_recipes.inc ${recipes})
  file(GLOB texts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/referee/texts/*.json)
  forger_embed(embedded_texts.inc ${texts})
  forger_embed(embedded_pages.inc ${PROJECT_SOURCE_DIR}/src/run/report.html)

  execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} rev-parse --short HEAD
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT revision)
    set(revision "unknown")
  endif()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/build_constants.h @ONLY CONTENT
"#pragma once
#define FORGER_VERSION \"${PROJECT_VERSION}\"
#define FORGER_REVISION \"${revision}\"
#define FORGER_COMPILER \"${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}\"
#define FORGER_BUILD_TYPE \"${CMAKE_BUILD_TYPE}\"
")
endfunction()
