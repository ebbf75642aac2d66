package org.espalier.cli.console;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C, SIGTERM and SIGHUP as a question that the job asks between two steps, so that it can write down where it is. A second signal
 * ends the program at once.
 *
 * <p>The program never goes through the JVM's shutdown while something runs: ONNX Runtime has a shutdown hook that frees its environment,
 * and a session that is used or created at that moment crashes the JVM. {@code sun.misc.Signal} is supported by every JDK, but the compiler
 * warns of it whatever one does, hence the reflection; where it is missing, signals do what they always do.
 */
public final class Interrupts implements AutoCloseable {
    private static final Map<String, Integer> SIGNALS = Map.of("HUP", 1, "INT", 2, "TERM", 15);
    private static final int SIGNALLED = 128;

    private final Map<Object, Object> before = new LinkedHashMap<>();
    private final @Nullable Console console;
    private volatile int code;

    private Interrupts(@Nullable Console console) {
        this.console = console;
        SIGNALS.forEach(this::handle);
    }

    /**
     * Begins to listen.
     *
     * @param console is told when a signal came
     */
    static Interrupts listen(Console console) {
        return new Interrupts(console);
    }

    /**
     * Lets signals end the program at once until this is closed.
     *
     * @return what restores the handlers of before
     */
    public static Interrupts die() {
        return new Interrupts(null);
    }

    /** Whether a signal came. */
    boolean requested() {
        return code != 0;
    }

    /** 128 and the signal's number; 0 where none came. */
    int exitCode() {
        return code;
    }

    private void handle(String name, int number) {
        try {
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler onSignal = (proxy, method, args) -> answer(proxy, method, args, SIGNALLED + number);
            Object ours = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, onSignal);
            Object signal = signalType().getConstructor(String.class).newInstance(name);
            before.put(signal, exchange(signal, ours));
        } catch (ReflectiveOperationException e) {
            // This JVM has no such class, or leaves the signal to somebody else.
        }
    }

    private @Nullable Object answer(Object proxy, Method method, @Nullable Object @Nullable [] args, int newCode) {
        return switch (method.getName()) {
            case "handle" -> {
                Console told = console;
                if (told == null || requested()) {
                    Runtime.getRuntime().halt(newCode);
                    throw new IllegalStateException("the program must have ended");
                }
                code = newCode;
                told.note("espalier: stopping as soon as nothing is half done; once more ends at once");
                yield null;
            }
            case "equals" -> args != null && proxy == args[0];
            case "hashCode" -> System.identityHashCode(this);
            default -> "handler of Espalier";
        };
    }

    private static Class<?> signalType() throws ClassNotFoundException {
        return Class.forName("sun.misc.Signal");
    }

    private static Object exchange(Object signal, Object handler) throws ReflectiveOperationException {
        return signalType()
                .getMethod("handle", signalType(), Class.forName("sun.misc.SignalHandler"))
                .invoke(null, signal, handler);
    }

    /** Lets signals do again what they did before. */
    @Override
    public void close() {
        before.forEach((signal, handler) -> {
            try {
                exchange(signal, handler);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("signals: must take back the handler that they had", e);
            }
        });
        before.clear();
    }
}
