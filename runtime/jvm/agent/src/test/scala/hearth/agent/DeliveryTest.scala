package hearth.agent

import java.util.concurrent.CompletableFuture

import org.junit.Assert.{assertEquals, assertFalse, assertTrue}
import org.junit.Test

class DeliveryTest {

  @Test def creditIsGivenInParts(): Unit = {
    val credit = new Credit(100)
    assertEquals(60, credit.take(60))
    assertEquals(40, credit.take(60))
    val waiter = CompletableFuture.supplyAsync(() => credit.take(60))
    credit.add(10)
    assertEquals(10, waiter.get)
  }

  @Test def aLostConnectionEndsTheWaiting(): Unit = {
    val credit = new Credit(0)
    val waiter = CompletableFuture.supplyAsync(() => credit.take(60))
    credit.close()
    assertEquals(0, waiter.get)
    assertEquals(0, credit.take(1))
  }

  @Test def anOutcomeIsToldOncePerConnectionUnlessAskedFor(): Unit = {
    val job = new Job(JobRequest("j", "m", Nil, 0, 0, "", 0, Array()))
    val (first, second) = (new Object, new Object)
    assertTrue(job.beginDelivery(first, again = false))
    assertFalse(job.beginDelivery(first, again = true))
    job.endDelivery(first)
    assertFalse(job.beginDelivery(first, again = false))
    assertTrue(job.beginDelivery(first, again = true))
    assertTrue(job.beginDelivery(second, again = false))
    job.endDelivery(first)
    assertFalse(job.beginDelivery(second, again = false))
  }
}
