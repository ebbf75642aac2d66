package org.espalier.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.espalier.cli.console.Interrupts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows between packages: what may use what. */
class ArchitectureTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/testing/"))
            .importPackages("org.espalier..");

    private static String name(String shortName) {
        return "org.espalier." + shortName.strip();
    }

    /** Each line: a package, then the packages of ours that it may use. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ':',
            value = {
                "io :",
                "graph :",
                "bayes :",
                "platform :",
                "onnx : io graph",
                "zoo : io graph",
                "ops : graph",
                "shapes : graph ops",
                "rewrite : graph onnx ops shapes",
                "prepare : graph ops shapes rewrite",
                "channels : graph ops shapes",
                "shrink : graph ops shapes channels",
                "data :",
                "data.formats : data",
                "data.pictures : data data.formats",
                "data.sources : platform io data data.formats data.pictures",
                "torch.ops : graph",
                "torch : platform graph torch.ops",
                "recipe : graph channels shrink bayes data torch",
                "method : graph channels shrink bayes torch torch.ops recipe",
                "progress : channels bayes recipe method",
                "objective : graph ops shapes data torch torch.ops recipe progress",
                "checkpoint : io graph onnx shrink bayes torch recipe progress objective",
                "train : io graph onnx ops shapes channels shrink bayes data torch torch.ops recipe method progress objective checkpoint",
                "bench : graph shapes data torch recipe method progress objective train",
                "tensorboard : io progress",
                "runtime : platform graph onnx",
                "job : io graph onnx zoo ops shapes rewrite prepare channels shrink bayes data data.sources torch recipe method progress objective checkpoint train bench tensorboard runtime",
            })
    void package_usesOnlyWhatItMay(String packageName, String mayUse) {
        List<String> allowed = new ArrayList<>(List.of(name(packageName)));
        for (String other : mayUse == null ? new String[0] : mayUse.strip().split(" ")) {
            allowed.add(name(other));
        }
        noClasses()
                .that()
                .resideInAPackage(name(packageName))
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are ours but not in " + allowed,
                        c -> c.getPackageName().startsWith("org.espalier") && !allowed.contains(c.getPackageName())))
                .allowEmptyShould(true)
                .check(ALL);
    }

    /** Commands use options, both use the console. */
    @ParameterizedTest
    @CsvSource({"cli.console, cli.options", "cli.console, cli", "cli.options, cli"})
    void commandLine_isLayered(String lower, String upper) {
        noClasses()
                .that()
                .resideInAPackage(name(lower))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(name(upper))
                .check(ALL);
    }

    @Test
    void nativeTensors_areUsedWhereTrainingComputesOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        name("torch.."), name("method"), name("objective"), name("train"), name("bench"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco.pytorch..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        name("torch.."),
                        name("method"),
                        name("objective"),
                        name("train"),
                        name("bench"),
                        name("runtime"),
                        name("platform"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(ALL);
    }

    @Test
    void onnxRuntime_isUsedByTheRuntimeModuleOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(name("runtime"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.onnxruntime..")
                .check(ALL);
    }

    @Test
    void protobuf_isUsedByTheOnnxPackageOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(name("onnx"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google.protobuf..", "ai.onnx.proto..")
                .check(ALL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"out", "err"})
    void standardStreams_areUsedByTheCommandLineOnly(String stream) {
        noClasses()
                .that()
                .resideOutsideOfPackages(name("cli.."), name("benchmarks"))
                .should()
                .accessField(System.class, stream)
                .check(ALL);
    }

    @Test
    void exit_isCalledByTheCommandLineOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(name("cli.."), name("benchmarks"))
                .should()
                .callMethod(System.class, "exit", int.class)
                .check(ALL);
        // Only where the JVM's own way out would crash: see that class.
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(Interrupts.class.getName())
                .should()
                .callMethod(Runtime.class, "halt", int.class)
                .check(ALL);
    }

    @Test
    void libraries_knowNeitherConsoleNorCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage(name("cli.."))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(name("cli.."), "picocli..", "me.tongfei..")
                .check(ALL);
    }

    /** Whoever calls a library has no command line; {@code --} begins or follows a space in what names an option. */
    @ParameterizedTest
    @ValueSource(strings = {"core", "data", "torch", "train", "runtime", "job"})
    void libraries_nameNoOption(String module) throws IOException {
        Path root = Path.of("").toAbsolutePath().resolveSibling(module).resolve("src/main/java");
        Pattern option = Pattern.compile("\"([^\"\\\\]*[ '(])?--[a-z]");
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> sources =
                    files.filter(f -> f.toString().endsWith(".java")).toList();
            assertThat(sources).isNotEmpty();
            for (Path source : sources) {
                assertThat(Files.readAllLines(source)).as(source.toString()).noneMatch(line -> option.matcher(line)
                        .find());
            }
        }
    }

    /** A record hands out its components: where one is an array, it hands out a copy. */
    @Test
    void records_handOutCopiesOfArrays() {
        List<String> found = new ArrayList<>();
        for (JavaClass c : ALL) {
            boolean seen = c.isRecord() && !c.getModifiers().contains(JavaModifier.PRIVATE);
            for (JavaField f : seen ? c.getFields() : Set.<JavaField>of()) {
                boolean array = f.getRawType().isArray() && !f.getModifiers().contains(JavaModifier.STATIC);
                if (array
                        && c.getMethod(f.getName()).getMethodCallsFromSelf().stream()
                                .noneMatch(call -> call.getName().equals("clone"))) {
                    found.add(f.getFullName());
                }
            }
        }
        assertThat(found).isEmpty();
    }

    /** What belongs to the whole process is whether native libraries are started, and how: each in one class. */
    @Test
    void staticFields_areNeverSetAnew() {
        List<String> found = new ArrayList<>();
        for (JavaClass c : ALL) {
            for (JavaField f : c.getFields()) {
                Set<JavaModifier> m = f.getModifiers();
                boolean constant = m.contains(JavaModifier.FINAL)
                        && !(m.contains(JavaModifier.PUBLIC) && f.getRawType().isArray());
                if (m.contains(JavaModifier.STATIC) && !constant && !m.contains(JavaModifier.SYNTHETIC)) {
                    found.add(f.getOwner().getSimpleName());
                }
            }
        }
        assertThat(new TreeSet<>(found)).containsExactly("Engine", "OrtLibraries");
    }

    @Test
    void packages_haveNoCycles() {
        SlicesRuleDefinition.slices()
                .matching("org.espalier.(**)")
                .should()
                .beFreeOfCycles()
                .check(ALL);
    }

    @Test
    void packages_areAllHere() {
        assertThat(ALL.stream().map(c -> c.getPackageName()).distinct())
                .contains(name("graph"), name("ops"), name("data"), name("runtime"), name("job"), name("cli.options"));
    }
}
