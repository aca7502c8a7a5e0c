package org.apache.spark.hearth

import java.io.{ByteArrayInputStream, ByteArrayOutputStream, IOException, InputStream, ObjectOutputStream}
import java.lang.reflect.{InvocationHandler, Proxy}

import hearth.agent.{Binary, SharedContext, TestJar}
import org.apache.spark.{SparkConf, SparkException}
import org.apache.spark.hearth.VersionJars.Jar
import org.apache.spark.serializer.SerializerInstance
import org.junit.Assert.{assertArrayEquals, assertEquals, assertNotSame, assertSame, assertThrows, assertTrue}
import org.junit.{Before, Test}

/** A class of no version. */
class Common(val n: Int)

/** What is written with a version is read as of that version, by any serializer of Spark's. */
class VersionStreamsTest {
  import VersionStreamsTest._

  // Of the process's versions, which streams ask.
  @Before def context(): Unit = { SharedContext.versions; () }

  private val usual = getClass.getClassLoader
  private val java: SerializerInstance = new VersionSerializerInstance(100, true, usual)
  private def kryo(settings: (String, String)*): SerializerInstance = {
    val conf = new SparkConf(false).setAll(settings)
    new VersionKryo(conf).setDefaultClassLoader(usual).newInstance()
  }
  private val both = Seq(java, kryo(), kryo("spark.kryo.registrationRequired" -> "true", Registrator, ToRegister))

  private def copy[T](serializer: SerializerInstance, value: T): T =
    serializer.deserialize[Any](serializer.serialize[Any](value)).asInstanceOf[T]

  @Test def anObjectStaysOfItsVersion(): Unit = both.foreach { serializer =>
    val (one, two) = (thing(1), thing(2))
    assertNotSame(one.getClass, two.getClass)
    val read = copy(serializer, Seq[Any](one, two, "text", one))
    assertEquals(Seq("thing 1", "thing 2", "text", "thing 1"), read.map(_.toString))
    assertSame(one.getClass, read.head.getClass)
    assertSame(two.getClass, read(1).getClass)
    // Again, with what the serializer has learnt.
    assertEquals("thing 2", copy[Any](serializer, two).toString)
    assertEquals("thing 1", copy[Any](serializer, one).toString)
  }

  @Test def soDoArrays(): Unit = both.foreach { serializer =>
    def arrayOf(number: Int) = {
      val array = _root_.java.lang.reflect.Array.newInstance(thing(number).getClass, 1)
      _root_.java.lang.reflect.Array.set(array, 0, thing(number))
      array
    }
    val read = copy[Any](serializer, arrayOf(2))
    assertSame(arrayOf(2).getClass, read.getClass)
    assertSame(arrayOf(1).getClass, copy[Any](serializer, arrayOf(1)).getClass)
  }

  @Test def soDoProxiesAndClasses(): Unit = {
    val loader = thing(2).getClass.getClassLoader
    val face = loader.loadClass("Thing$Face")
    val handler = loader.loadClass("Thing$Answer").getDeclaredConstructor().newInstance().asInstanceOf[InvocationHandler]
    val proxy = Proxy.newProxyInstance(loader, Array(face), handler)
    assertEquals("answer 2", copy[Any](java, proxy).toString)
    assertSame(face, copy[Any](java, face))
    val plain = Seq[Class[_]](classOf[Int], classOf[Array[Long]], classOf[String])
    assertEquals(plain, copy(java, plain))
  }

  @Test def streamsOfPlainJavaAreRead(): Unit = {
    val bytes = new ByteArrayOutputStream
    val out = new ObjectOutputStream(bytes)
    out.writeObject(Seq(1, 2))
    out.close()
    assertEquals(Seq(1, 2), new VersionInput(new ByteArrayInputStream(bytes.toByteArray), usual).readObject())
  }

  @Test def whatIsOfNoVersionIsWrittenAsJavaWould(): Unit = {
    def written(make: ByteArrayOutputStream => ObjectOutputStream) = {
      val bytes = new ByteArrayOutputStream
      val out = make(bytes)
      out.writeObject(Seq("a", 1, Some(2.0)))
      out.close()
      bytes.toByteArray
    }
    assertArrayEquals(written(new ObjectOutputStream(_)), written(new VersionOutput(_)))
  }

  @Test def aStreamReadsByteByByte(): Unit = {
    val bytes = java.serialize[Any](Seq(thing(1), thing(2)))
    val slow = new InputStream { override def read(): Int = if (bytes.hasRemaining) bytes.get & 0xff else -1 }
    assertEquals(Seq("thing 1", "thing 2"), new VersionInput(slow, usual).readObject().asInstanceOf[Seq[Any]].map(_.toString))
  }

  @Test def aStreamMayHaveManyVersions(): Unit = {
    val jar = TestJar.of("Thing", source(0))
    val things = (1 to 300).map(n => instance(SharedContext.versions.of(Seq(Jar(s"many-$n", path(jar))))))
    val read = copy(java, things)
    assertEquals(things.map(_.getClass), read.map(_.getClass))
  }

  @Test def aStreamSurvivesItsResets(): Unit = {
    val often = new VersionSerializerInstance(1, true, usual)
    val bytes = new ByteArrayOutputStream
    val out = often.serializeStream(bytes)
    (1 to 6).foreach(n => out.writeObject[Any](thing(1 + n % 2)))
    out.close()
    val in = often.deserializeStream(new ByteArrayInputStream(bytes.toByteArray))
    assertEquals((1 to 6).map(n => s"thing ${1 + n % 2}"), (1 to 6).map(_ => in.readObject[Any]().toString))
  }

  @Test def aVersionThatIsGoneIsNamed(): Unit = both.foreach { serializer =>
    val lost = new VersionLoader("lost", Array(path(jars(1)).toUri.toURL), usual, ownFirst = false)
    val bytes = serializer.serialize[Any](instance(lost))
    val error = assertThrows(classOf[Exception], () => { serializer.deserialize[Any](bytes); () })
    val all = Iterator.iterate[Throwable](error)(_.getCause).takeWhile(_ != null).toSeq
    assertTrue(error.toString, all.exists(it => it.isInstanceOf[IOException] && it.getMessage.contains("Version lost is no longer")))
  }

  @Test def kryoRefusesWhatNobodyRegistered(): Unit = {
    val strict = kryo("spark.kryo.registrationRequired" -> "true")
    val error = assertThrows(classOf[IllegalArgumentException], () => { strict.serialize[Any](thing(1)); () })
    assertTrue(error.getMessage, error.getMessage.startsWith("Class is not registered: Thing"))
  }

  @Test def aRegistratorOfAJobCountsForItsVersion(): Unit = {
    // It writes what it is told to and reads it as one more.
    val serializer = kryo(Registrator)
    def counted(number: Int) = thing(number).getClass.getClassLoader.loadClass("Thing$Counted")
    val one = counted(1).getDeclaredConstructor(classOf[Int]).newInstance(10: Integer).asInstanceOf[Any]
    val two = counted(2).getDeclaredConstructor(classOf[Int]).newInstance(10: Integer).asInstanceOf[Any]
    assertEquals("counted 11", copy[Any](serializer, one).toString)
    assertEquals("counted 12", copy[Any](serializer, two).toString)
  }

  @Test def aRegistratorOfAJobMayNameOtherClasses(): Unit = {
    val settings = Seq("spark.kryo.registrationRequired" -> "true", Registrator)
    val (writer, reader) = (kryo(settings: _*), kryo(settings: _*))
    assertThrows(classOf[IllegalArgumentException], () => { writer.serialize[Any](new Common(7)); () })
    val thread = Thread.currentThread
    val before = thread.getContextClassLoader
    thread.setContextClassLoader(loaders(1))
    val bytes =
      try writer.serialize[Any](new Common(7))
      finally thread.setContextClassLoader(before)
    // Where no registrator ran that would say how to read it.
    assertEquals(7, reader.deserialize[Any](bytes).asInstanceOf[Common].n)
  }

  @Test def aRegistratorThatFailsIsNamedEachTime(): Unit = {
    val serializer = kryo("spark.kryo.registrator" -> "Thing$Failing")
    for (_ <- 1 to 2) {
      val error = assertThrows(classOf[SparkException], () => { serializer.serialize[Any](thing(1)); () })
      assertTrue(error.getMessage, error.getMessage.matches("The Kryo registrator Thing\\$Failing of version .* failed: on purpose"))
    }
  }

  @Test def aShuffledSerializerKeepsItsSettings(): Unit = {
    val conf = new SparkConf(false).set("spark.serializer.objectStreamReset", "7")
    val shipped = copy(java, new VersionSerializer(conf))
    assertEquals("thing 1", copy[Any](shipped.setDefaultClassLoader(usual).newInstance(), thing(1)).toString)
    assertEquals(7, Fields.get(shipped, "resetAfter"))
  }

  private def path(binary: Binary) = _root_.java.nio.file.Paths.get(binary.path)
}

object VersionStreamsTest {
  private val Registrator = "spark.kryo.registrator" -> "Thing$Registrator"
  private val ToRegister = "spark.kryo.classesToRegister" -> "Thing,[LThing;"

  private def source(number: Int) =
    s"""public class Thing implements java.io.Serializable {
       |  public String toString() { return "thing $number"; }
       |  public interface Face { }
       |  public static class Answer implements java.io.Serializable, java.lang.reflect.InvocationHandler {
       |    public Object invoke(Object proxy, java.lang.reflect.Method m, Object[] a) { return "answer $number"; }
       |  }
       |  public static class Counted {
       |    final int n;
       |    public Counted(int n) { this.n = n; }
       |    public String toString() { return "counted " + n; }
       |  }
       |  public static class Registrator implements org.apache.spark.serializer.KryoRegistrator {
       |    public void registerClasses(com.esotericsoftware.kryo.Kryo kryo) {
       |      kryo.register(Counted.class, new com.esotericsoftware.kryo.Serializer<Counted>() {
       |        public void write(com.esotericsoftware.kryo.Kryo k, com.esotericsoftware.kryo.io.Output out, Counted it) {
       |          out.writeInt(it.n);
       |        }
       |        public Counted read(com.esotericsoftware.kryo.Kryo k, com.esotericsoftware.kryo.io.Input in, Class<Counted> c) {
       |          return new Counted(in.readInt() + $number);
       |        }
       |      });
       |      kryo.register(org.apache.spark.hearth.Common.class,
       |        new com.esotericsoftware.kryo.serializers.JavaSerializer());
       |    }
       |  }
       |  public static class Failing implements org.apache.spark.serializer.KryoRegistrator {
       |    public void registerClasses(com.esotericsoftware.kryo.Kryo kryo) { throw new IllegalStateException("on purpose"); }
       |  }
       |}
       |""".stripMargin

  private lazy val jars: Map[Int, Binary] = (1 to 2).map(number => number -> TestJar.of("Thing", source(number))).toMap

  // Held, as by a job.
  private lazy val loaders: Map[Int, VersionLoader] = jars.map { case (number, jar) =>
    number -> SharedContext.versions.of(Seq(Jar(jar.digest, java.nio.file.Paths.get(jar.path))))
  }

  private def instance(loader: ClassLoader): AnyRef =
    loader.loadClass("Thing").getDeclaredConstructor().newInstance().asInstanceOf[AnyRef]

  private def thing(number: Int): AnyRef = instance(loaders(number))
}
