package hearth.agent

import java.util.concurrent.{CompletableFuture, CountDownLatch, TimeUnit, TimeoutException}
import java.util.concurrent.atomic.AtomicInteger

import scala.concurrent.duration.DurationInt

import org.junit.Assert.{assertEquals, assertSame, assertThrows, assertTrue}
import org.junit.Test
import spark.jobserver.{NamedObject, NamedObjectPersister}

class ContextObjectsTest {

  private case class Thing(id: Int) extends NamedObject

  private object persister extends NamedObjectPersister[Thing] {
    val persisted = new AtomicInteger
    val unpersisted = new AtomicInteger
    override def persist(namedObj: Thing, name: String): Unit = persisted.incrementAndGet()
    override def refresh(namedObject: Thing): Thing = namedObject
    override def unpersist(namedObject: Thing): Unit = unpersisted.incrementAndGet()
  }
  private implicit val things: NamedObjectPersister[Thing] = persister

  private val objects = new ContextObjects
  private val timeout = 30.seconds

  private def async[T](work: => T): CompletableFuture[T] = CompletableFuture.supplyAsync(() => work)

  private def create(name: String, thing: => Thing): Thing = objects.getOrElseCreate(name, thing)(timeout, things)

  /** Starts creating an object that is done when the latch is; returns once its creator runs. */
  private def creating(name: String, go: CountDownLatch, thing: => Thing): CompletableFuture[Thing] = {
    val begun = new CountDownLatch(1)
    val future = async(create(name, { begun.countDown(); go.await(); thing }))
    begun.await()
    future
  }

  @Test def oneOfManyCreatesIt(): Unit = {
    val go = new CountDownLatch(1)
    val first = creating("a", go, Thing(1))
    val others = Seq.fill(8)(async(create("a", Thing(2))))
    val getter = async(objects.get[Thing]("a")(timeout))
    go.countDown()
    (first +: others).foreach(future => assertSame(first.get, future.get))
    assertEquals(Some(Thing(1)), getter.get)
    assertEquals(1, persister.persisted.get)
    assertEquals(Seq("a"), objects.getNames().toSeq)
  }

  @Test def waitersGiveUpAfterTheirTime(): Unit = {
    val go = new CountDownLatch(1)
    val first = creating("a", go, Thing(1))
    assertThrows(
      classOf[TimeoutException],
      () => { objects.getOrElseCreate("a", Thing(2))(10.millis, things); () }
    )
    assertThrows(classOf[TimeoutException], () => { objects.get[Thing]("a")(10.millis); () })
    go.countDown()
    assertEquals(Thing(1), first.get(30, TimeUnit.SECONDS))
  }

  @Test def whenTheCreatorFailsTheNextCreatesIt(): Unit = {
    val go = new CountDownLatch(1)
    val first = creating("a", go, throw new IllegalStateException("no"))
    val second = async(create("a", Thing(2)))
    go.countDown()
    assertThrows(classOf[java.util.concurrent.ExecutionException], () => { first.get; () })
    assertEquals(Thing(2), second.get)
  }

  @Test def updateForgetDestroy(): Unit = {
    assertEquals(None, objects.get[Thing]("a")(timeout))
    create("a", Thing(1))
    assertThrows(
      classOf[IllegalStateException],
      () => { objects.update[Thing]("a", throw new IllegalStateException("no"))(timeout, things); () }
    )
    assertEquals(Some(Thing(1)), objects.get[Thing]("a")(timeout))
    assertEquals(Thing(2), objects.update("a", Thing(2))(timeout, things))
    assertEquals(Thing(2), create("a", Thing(3)))
    objects.forget("a")
    assertEquals(0, persister.unpersisted.get)
    assertEquals(Thing(4), create("a", Thing(4)))
    objects.destroy(Thing(4), "a")
    assertEquals(1, persister.unpersisted.get)
    assertTrue(objects.getNames().isEmpty)
  }
}
